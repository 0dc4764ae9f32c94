"""Golden values for the tests of claims, from SciPy: `python make_claim_tests.py` writes claim_tests.json.

Benjamini and Hochberg's adjustment from scipy.stats.false_discovery_control, and the paired percentile
bootstrap from scipy.stats.bootstrap with 100,000 resamples.
"""

import json
import pathlib

import numpy
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
generator = numpy.random.default_rng(7)

adjustments = []
for count in (1, 2, 5, 17, 40):
    p_values = (generator.uniform(size=count) ** 3).tolist()
    if count == 17:
        p_values[3] = p_values[9]
    adjusted = stats.false_discovery_control(p_values, method="bh").tolist()
    adjustments.append({"pValues": p_values, "adjusted": adjusted})

paired = []
for count, chance_a, chance_b in ((200, 0.6, 0.4), (400, 0.3, 0.3), (1000, 0.52, 0.16)):
    difficulty = generator.uniform(size=count)
    a = (generator.uniform(size=count) < (chance_a + difficulty) / 2).astype(int)
    b = (generator.uniform(size=count) < (chance_b + difficulty) / 2).astype(int)
    result = stats.bootstrap(
        (a, b),
        lambda x, y, axis: (x - y).mean(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=100_000,
        batch=1000,
        method="percentile",
        rng=generator,
    )
    means = result.bootstrap_distribution
    estimate = float((a - b).mean())
    bound = 0.05
    paired.append(
        {
            "a": a.tolist(),
            "b": b.tolist(),
            "low": float(result.confidence_interval.low),
            "high": float(result.confidence_interval.high),
            "bound": bound,
            "pAbove": float((means - estimate >= estimate - bound - 1e-12).mean()),
            "pBelow": float((means - estimate <= estimate - bound + 1e-12).mean()),
        }
    )

content = {"scipy": scipy.__version__, "adjustments": adjustments, "paired": paired}
(HERE / "claim_tests.json").write_text(json.dumps(content) + "\n")

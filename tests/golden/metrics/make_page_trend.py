"""Golden values for Page's test, from SciPy: `python make_page_trend.py` writes page_trend.json.

Exact p-values from scipy.stats.page_trend_test; where it takes none, of one block or of equal values,
those from all orders of each block's ranks.
"""

import itertools
import json
import pathlib

import numpy
import scipy
from scipy import stats

HERE = pathlib.Path(__file__).parent
generator = numpy.random.default_rng(11)


def scipy_case(blocks, points, slope):
    data = generator.normal(size=(blocks, points)) + slope * numpy.arange(points)
    rising = stats.page_trend_test(data, method="exact")
    falling = stats.page_trend_test(data, method="exact", predicted_ranks=numpy.arange(points, 0, -1))
    return {
        "blocks": data.tolist(),
        "statistic": rising.statistic,
        "rising": rising.pvalue,
        "falling": falling.pvalue,
    }


def enumerated_case(data):
    ranks = [stats.rankdata(block) for block in data]
    positions = numpy.arange(1, len(data[0]) + 1)
    observed = sum(float(positions @ rank) for rank in ranks)
    sums = [[float(positions @ numpy.array(order)) for order in itertools.permutations(rank)] for rank in ranks]
    totals = numpy.array([sum(each) for each in itertools.product(*sums)])
    return {
        "blocks": data,
        "statistic": observed,
        "rising": float((totals >= observed - 1e-9).mean()),
        "falling": float((totals <= observed + 1e-9).mean()),
    }


cases = [scipy_case(*case) for case in ((3, 4, 0.3), (3, 6, -0.4), (5, 5, 0.0), (3, 8, 0.2))]
others = [enumerated_case(data) for data in ([[0.1, 0.4, 0.3, 0.9, 0.8]], [[1, 2, 2, 3, 3]], [[0, 0, 1, 1], [5, 3, 3, 8]])]
content = {"scipy": scipy.__version__, "cases": cases + others}
(HERE / "page_trend.json").write_text(json.dumps(content) + "\n")

"""Makes the golden values of tests/metrics with scikit-learn, SciPy and NumPy.

    python tests/golden/metrics/make_golden.py

The inputs are hashes of integers, which tests/metrics/hashed_data.ts computes bit for bit alike, so
that only results are stored. Made with the versions that versions.json names.
"""

import json
import pathlib

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent


def hash32(values):
    """The finaliser of MurmurHash3 on integers, as unsigned 32-bit words."""
    h = numpy.asarray(values, dtype=numpy.uint64).astype(numpy.uint32)
    h ^= h >> 16
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> 16
    return h


def uniform(first, count):
    """`count` multiples of 2^-23 in [-1, 1), from the hashes of first, first + 1, ..."""
    return (hash32(numpy.arange(first, first + count)) >> 8) / 2.0**23 - 1


def labels(first, count, classes):
    return (hash32(numpy.arange(first, first + count)) % classes).astype(int)


def samples(case, first, count):
    """Labels [count], and float32 features [count, D]: offset + scale * (pull * centre + noise)."""
    y = labels(first, count, case["classes"])
    d = case["columns"]
    centres = uniform(10**9, case["classes"] * d).reshape(-1, d)
    noise = uniform(2 * 10**9 + first * d, count * d).reshape(-1, d)
    x = case["offset"] + case["scale"] * (case["pull"] * centres[y] + noise)
    return y, x.astype(numpy.float32)


def unit(x):
    x = x.astype(numpy.float64)
    return x / numpy.linalg.norm(x, axis=1, keepdims=True)


def write(name, value):
    (HERE / f"{name}.json").write_text(json.dumps(value) + "\n")


def knn_case(name, neighbours=20, self="include", algorithm="auto", **case):
    case = {"classes": 10, "columns": 16, "pull": 0.5, "scale": 1, "offset": 0, **case}
    y, x = samples(case, 0, case["bank"])
    model = KNeighborsClassifier(n_neighbors=neighbours, algorithm=algorithm).fit(unit(x), y)
    if self == "exclude":
        truth, queries = y, None  # scikit-learn's way to leave each row out of its neighbours
    else:
        truth, x = samples(case, case["bank"], case["queries"])
        queries = unit(x)
    predictions = model.predict(queries)
    indices = model.kneighbors(queries, return_distance=False)
    if algorithm == "brute":
        indices.sort()  # it tells which rows are nearest, not in which order equally near ones come
    return {
        "name": name,
        **case,
        "neighbours": neighbours,
        "self": self,
        "predictions": predictions.tolist(),
        "accuracy": float(numpy.mean(predictions == truth)),
        "indices": indices.ravel().tolist(),
    }


write(
    "knn",
    [
        knn_case("embedding", bank=400, queries=150),
        knn_case("many tied votes", bank=300, queries=150, neighbours=4, classes=3, pull=0.1),
        knn_case("outputs of a fitted network", bank=300, queries=100, columns=10, pull=1, scale=2**-12, offset=1),
        knn_case("nearly collapsed", bank=300, queries=100, columns=128, scale=2**-11, offset=1),
        knn_case("flattened layer", bank=120, queries=30, columns=20000, pull=0.05),
        # Every row is the same. Trees take other rows of equally near ones.
        knn_case("collapsed, by brute force", bank=300, queries=100, scale=0, offset=1, algorithm="brute"),
        knn_case("leave one out", bank=400, self="exclude"),
        knn_case("leave one out of noise", bank=500, pull=0, self="exclude"),
    ],
)

# Features of very different scales, as those of an encoder before and after training.
linear = {"classes": 6, "columns": 24, "pull": 0.4, "scale": 1, "offset": 0.25, "bank": 500, "queries": 1000}
y, x = samples(linear, 0, linear["bank"])
truth, queries = samples(linear, linear["bank"], linear["queries"])
scales = 2.0 ** (numpy.arange(linear["columns"]) % 24 - 12)
x, queries = x * scales, queries * scales
tight = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-9, max_iter=10000)).fit(x, y)
default = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(x, y)
write(
    "linear_probe",
    {
        **linear,
        "means": tight[0].mean_.tolist(),
        "scales": tight[0].scale_.tolist(),
        "weights": tight[1].coef_.ravel().tolist(),
        "biases": (tight[1].intercept_ - tight[1].intercept_.mean()).tolist(),
        "predictions": tight.predict(queries).tolist(),
        "accuracy": tight.score(queries, truth),
        "defaultAccuracy": default.score(queries, truth),
    },
)

pca = {"classes": 7, "columns": 40, "pull": 1.5, "scale": 1, "offset": 3, "rows": 200}
_, x = samples(pca, 0, pca["rows"])
model = PCA(2, svd_solver="full").fit(x.astype(float))
write(
    "pca",
    {
        **pca,
        "directions": model.components_.ravel().tolist(),
        "explained": model.explained_variance_ratio_.tolist(),
        "scores": model.transform(x.astype(float)).ravel().tolist(),
    },
)


def invariance(case):
    x, first, second = (samples(case, case["rows"] * i, case["rows"])[1].astype(float) for i in range(3))
    views = numpy.linalg.norm(first - second, axis=1)
    pairs = numpy.linalg.norm(x[:, None] - x[None], axis=2)
    n = len(x)
    result = {}
    for name, power in (("norm", 1), ("squaredNorm", 2)):
        ratio = views**power / ((pairs**power).sum(1) / (n - 1))
        result[name] = {"perSample": ratio.tolist(), "mean": float(ratio.mean())}
    return {**case, **result}


write(
    "invariance",
    [
        invariance({"classes": 5, "columns": 12, "pull": 1, "scale": 1, "offset": 0, "rows": 60}),
        invariance({"classes": 5, "columns": 300, "pull": 0, "scale": 2**-8, "offset": 10, "rows": 60}),
    ],
)

write(
    "intervals",
    {
        "student": [
            {"probability": p, "degrees": d, "quantile": float(scipy.stats.t.ppf((1 + p) / 2, d))}
            for d in (1, 2, 3, 4, 9, 30)
            for p in (0.5, 0.9, 0.95, 0.999)
        ],
        # The percentile bootstrap of k hits in n tends to these quantiles of a binomial variable.
        "binomial": [
            {"hits": k, "count": n, "low": scipy.stats.binom.ppf(0.025, n, k / n) / n, "high": scipy.stats.binom.ppf(0.975, n, k / n) / n}
            for k, n in ((30, 100), (500, 1000), (985, 1000))
        ],
    },
)

write("versions", {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__, "scipy": scipy.__version__})

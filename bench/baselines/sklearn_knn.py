"""scikit-learn's side of bench/knn_bench.ts: brute-force K-NN on one thread.

    sklearn_knn.py BANK QUERIES COLUMNS CLASSES NEIGHBOURS

BANK and QUERIES are files of float32 rows; row i has label i mod CLASSES. Prints what it is and the
accuracy that it reaches; then, for each line on stdin, the milliseconds of one probe: scaling the
rows to unit length, as the other side does, fit and predict.
"""

import sys
import time

import numpy
import sklearn
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_info, threadpool_limits

bank_path, query_path, columns, classes, neighbours = sys.argv[1:]
bank, queries = (
    numpy.fromfile(path, dtype=numpy.float32).reshape(-1, int(columns))
    for path in (bank_path, query_path)
)
bank_labels, query_labels = (
    numpy.arange(len(rows)) % int(classes) for rows in (bank, queries)
)


def probe():
    model = KNeighborsClassifier(int(neighbours), algorithm="brute")
    return model.fit(normalize(bank), bank_labels).predict(normalize(queries))


with threadpool_limits(1):
    accuracy = numpy.mean(probe() == query_labels)
    blas = next(each for each in threadpool_info() if each["user_api"] == "blas")
    kernels = f"{blas['internal_api']} for {blas['architecture']}"
    settings = f"scikit-learn {sklearn.__version__}, {kernels}, KNeighborsClassifier, brute, 1 thread"
    print(f"{settings}, accuracy {accuracy:.3f}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        probe()
        print((time.perf_counter() - start) * 1000, flush=True)

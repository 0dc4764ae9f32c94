"""pyarrow's side of bench/views_bench.ts: batches of random views from a memory-mapped Arrow file.

    pyarrow_views.py VIEWS ROWS METHOD

VIEWS is a file of the views' schema, ROWS the size of a batch. METHOD is "take" (pyarrow's own) or
"numpy" (copies from arrays that lie on the mapped record batches). Prints what it is; then, for
each line on stdin, the median milliseconds of a batch, over 50 batches of new random rows.
"""

import sys
import time

import numpy
import pyarrow

BATCHES = 50

path, count, method = sys.argv[1], int(sys.argv[2]), sys.argv[3]
pyarrow.set_cpu_count(1)
table = pyarrow.ipc.open_file(pyarrow.memory_map(path)).read_all()
images = table["image"]
arrays = [chunk.to_numpy_ndarray() for chunk in images.chunks]
starts = numpy.cumsum([0] + [len(array) for array in arrays])[:-1]
random = numpy.random.default_rng(0)


def take(rows):
    return images.take(pyarrow.array(rows)).combine_chunks()


def copy(rows):
    out = numpy.empty((count, *arrays[0].shape[1:]), numpy.uint8)
    chunks = numpy.searchsorted(starts, rows, side="right") - 1
    for place, (row, chunk) in enumerate(zip(rows, chunks)):
        out[place] = arrays[chunk][row - starts[chunk]]
    return out


read = {"take": take, "numpy": copy}[method]
name = {"take": "take", "numpy": f"NumPy {numpy.__version__} copies"}[method]
print(f"pyarrow {pyarrow.__version__}, memory-mapped, {name}, 1 thread", flush=True)
for _ in sys.stdin:
    times = []
    for _ in range(BATCHES):
        rows = random.integers(table.num_rows, size=count)
        start = time.perf_counter()
        read(rows)
        times.append(time.perf_counter() - start)
    print(sorted(times)[BATCHES // 2] * 1e3, flush=True)

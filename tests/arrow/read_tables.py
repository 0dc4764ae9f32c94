"""Reads tables with other programs, for interop_test.ts.

    read_tables.py READER FOLDER

FOLDER holds NAME.arrow files and expected.json: by table and column its kind, its row shape and its
values, tensors and lists row by row. READER is pyarrow, polars or duckdb. Prints the reader's
version and every difference, and fails if there is one.
"""

import importlib
import json
import math
import pathlib
import sys

reader, folder = sys.argv[1], pathlib.Path(sys.argv[2])
module = importlib.import_module(reader)


def arrow_table(path):
    import pyarrow

    with pyarrow.memory_map(str(path)) as file:
        return pyarrow.ipc.open_file(file).read_all()


def read_pyarrow(path, expected):
    import pyarrow

    types = {
        "int32": pyarrow.int32(),
        "float32": pyarrow.float32(),
        "float64": pyarrow.float64(),
        "utf8": pyarrow.string(),
        "list<int32>": pyarrow.list_(pyarrow.field("item", pyarrow.int32(), nullable=False)),
        "list<float32>": pyarrow.list_(pyarrow.field("item", pyarrow.float32(), nullable=False)),
    }
    table = arrow_table(path)
    table.validate(full=True)
    columns = {}
    for name, column in expected.items():
        values = table[name]
        if column["kind"].startswith("tensor"):
            if not isinstance(values.type, pyarrow.FixedShapeTensorType):
                raise TypeError(f"{name} is no tensor: {values.type}")
            if list(values.type.shape) != column["shape"]:
                raise TypeError(f"{name} has rows of shape {values.type.shape}")
            arrays = [chunk.to_numpy_ndarray() for chunk in values.chunks]
            columns[name] = [row.ravel().tolist() for array in arrays for row in array]
        else:
            if values.type != types[column["kind"]]:
                raise TypeError(f"{name} is {values.type}")
            columns[name] = values.to_pylist()
        if table.schema.field(name).metadata[b"description"] != column["description"].encode():
            raise ValueError(f"{name} lacks its description")
    return columns


def read_polars(path, expected):
    frame = module.read_ipc(path)
    return {name: frame[name].to_list() for name in expected}


def read_duckdb(path, expected):
    table = arrow_table(path)
    # DuckDB knows no tensors: it is given the lists that hold them.
    for i, field in enumerate(table.schema):
        if expected[field.name]["kind"].startswith("tensor"):
            import pyarrow

            chunks = [chunk.storage for chunk in table[field.name].chunks]
            column = pyarrow.chunked_array(chunks, type=field.type.storage_type)
            table = table.set_column(i, field.name, column)
    names = ", ".join(f'"{name}"' for name in expected)
    rows = module.from_arrow(table).project(names).fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(expected)}


def same(a, b):
    if isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if b is None:
        return math.isnan(a)
    return a == b


read = {"pyarrow": read_pyarrow, "polars": read_polars, "duckdb": read_duckdb}[reader]
tables = json.loads((folder / "expected.json").read_text())
failures = 0
for name, expected in tables.items():
    try:
        columns = read(folder / f"{name}.arrow", expected)
        wrong = [c for c in expected if not same(list(columns[c]), expected[c]["values"])]
    except Exception as error:
        wrong = [f"{type(error).__name__}: {error}"]
    if wrong:
        failures += 1
        print(f"{name}: {', '.join(wrong)}")
print(f"{reader} {module.__version__}: {len(tables)} tables read")
sys.exit(1 if failures else 0)

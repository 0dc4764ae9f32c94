"""The sentences of the paper that claims.yaml quotes, with their sections: writes quotes.json.

    python tests/golden/report/make_quotes.py PAPER.txt

PAPER.txt is the text of arXiv 2210.14019, one paragraph or heading a line; it is not part of this
repository. The script fails if a quotation is not in the text, word for word.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
CLAIMS = HERE.parents[2] / "claims.yaml"

HEADING = re.compile(r"^(?:(Abstract)$|(\d(?:\.\d)?)\. [A-Z]|([A-F])(?:\.\d)? [A-Z]{2})")
CAPTION = re.compile(r"^(Figure ?\d+): ")
# Captions of tables stand without their numbers.
TABLES = {"K-NN probing accuracies (in percentage)": "caption of Table 2"}
# Figure 11's paragraph of Appendix C.
LATE = {"annex": "Appendix C"}


def section_of(line, current):
    heading = HEADING.match(line)
    if heading:
        abstract, number, letter = heading.groups()
        return abstract or number or f"Appendix {letter}"
    return LATE.get(line, current)


def place_of(line, current):
    caption = CAPTION.match(line)
    if caption:
        return f"caption of {caption[1]}"
    return next((name for start, name in TABLES.items() if line.startswith(start)), current)


def sentences(line):
    return re.split(r"(?<=[.!?]) (?=[A-Z(])", line)


def main(paper):
    lines = pathlib.Path(paper).read_text().splitlines()
    current, places = "", []
    for line in lines:
        current = section_of(line, current)
        places.append((place_of(line, current), line))
    found = []
    for quote in dict.fromkeys(re.findall("“([^”]+)”", CLAIMS.read_text())):
        if quote == " and ":
            continue  # the header's, which names the marks
        hits = [
            {"quote": quote, "section": place, "sentence": sentence}
            for place, line in places
            for sentence in sentences(line)
            if quote in sentence
        ]
        if not hits:
            sys.exit(f"not in the paper's text: {quote}")
        found += hits
    (HERE / "quotes.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


main(sys.argv[1])

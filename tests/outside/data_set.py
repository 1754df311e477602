"""Recomputes a ledger's counts from its data sets, in DuckDB and in pandas, and reads its feeds with feedparser.

A witness cosigns a ledger of a few hundred statements: the README's tour, and rows of a made-up European dump. Then
  - `glasshouse-verify export` makes data sets of it as Parquet, CSV and JSON lines, with and without texts; the reference of
    spec/ works the coded rows out anew from the log's own bundles, and opens the texts; all of them must be the same;
  - the manifest's root must be one that the witness cosigned, checked by the reference;
  - the ledger streams the rows of searches in all three formats; DuckDB and pandas count them, and the data set of the whole log
    under the same conditions, and every number must be the one that /api/v1/counts gives;
  - the feeds of searches are read, and asked for again with their ETag.

usage: data_set.py GLASSHOUSE VERIFY DUMP
  the three programs, built beforehand. Needs duckdb, pandas, pyarrow, feedparser and cryptography. Ends with `N passed, N failed`.
"""

import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import duckdb
import feedparser
import pandas
import pyarrow.parquet

from witnessed import WITNESS, await_cosignature, fetch, ready

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "spec"))
from reference import addendum, checkpoint, data_set, entry, note, tiles  # noqa: E402
from reference.lifecycle import History  # noqa: E402

PROVIDER = "https://www.example.net"
ROWS = 200

LISTS = {"keyword", "territory", "measure"}
"""Dimensions whose column is a list: an entry counts once for each element."""

ANY_TEXT = {"authority"}
"""Dimensions that can be any text: null stands for its absence."""

DIMENSIONS = [
    ("type", "standing"), ("category", "month"), ("keyword", "decision_ground"), ("measure", "automated_decision"),
    ("territory", "source_type"), ("legal_basis", "order"), ("authority_kind", "order_country"), ("provider", "provider_role"),
    ("language", "vocabulary"), ("day", "automated_detection"), ("authority", "legal_basis"), ("year", "type"), ("measure",),
]

SEARCHES = [
    "", "type=decision", "type=decision&standing=in_force", "category=STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "legal_basis=emergency",
    "order=without", "measure=DECISION_VISIBILITY_CONTENT_REMOVED&automated_decision=AUTOMATED_DECISION_FULLY", "territory=DE",
    "q=%22block%20page%22", "q=service%20-rule", "from=2025-01-01&to=2025-12-31", "standing=lifted,reversed",
]

passed = failed = 0


def judge(name, holds, what=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name} {what}")


def run(*command, cwd, status=0):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode != status:
        sys.exit(f"{command}: status {done.returncode}, expected {status}\n{done.stdout}")
    return done.stdout


def tour_lines():
    """The statements of the README's tour, as it prints them."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    return page.split("cat > shop.jsonl <<'END'\n")[1].split("END\n")[0]


def case_lines():
    lines = (ROOT / "spec/examples/kiwifarms-2022.jsonl").read_text(encoding="utf-8").splitlines()
    own = [re.sub(r'"provider": "[^"]*", ', "", line) for line in lines if "reverse-proxy.example" in line]
    return "".join(line + "\n" for line in own)


def publish(glasshouse, dump, folder, url):
    run(glasshouse, "key", "new", "--out", "provider.pem", cwd=folder)
    run(glasshouse, "provider", "request", "--origin", "ledger.example", "--provider", PROVIDER, "--key", "provider.pem", "--out", "r.cose", cwd=folder)
    run(glasshouse, "provider", "enrol", "--log", url, "--registrar-key", "registrar.pem", "--request", "r.cose", "--name", "Example",
        "--role", "reverse_proxy", "--role", "other", "--country", "US", cwd=folder)
    run(dump, "--rows", ROWS, "--out", folder / "rows.csv", cwd=folder)
    run(glasshouse, "import", "dsa-tdb", "rows.csv", "--out", "rows.jsonl", cwd=folder)
    (folder / "case.jsonl").write_text(case_lines(), encoding="utf-8")
    (folder / "shop.jsonl").write_text(tour_lines(), encoding="utf-8")
    me = ["--log", url, "--provider", PROVIDER, "--key", "provider.pem", "--outbox", "outbox"]
    for lines in ["case.jsonl", "rows.jsonl", "shop.jsonl"]:
        run(glasshouse, "publish", *me, lines, cwd=folder)
    run(glasshouse, "disclose", *me, "--puid", "shop-17", "--field", "decision_facts", cwd=folder)
    first = json.loads((folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()[0])["puid"]
    run(glasshouse, "redact", *me, "--puid", first, "--field", "decision_facts", "--ground", "erasure_request", "--requested-by", "data_subject", cwd=folder)
    run(glasshouse, "declare", *me, "--from", "2024-03-01", "--to", "2024-03-31", cwd=folder)


def entries_of(url, size):
    """The log's own bundles."""
    found = []
    for at in range(0, size, 256):
        width = min(256, size - at)
        found += tiles.parse_bundle(fetch(f"{url}/{tiles.encode_path('entries', at // 256, width)}"), width)
    return [entry.parse(one) for one in found]


def plain(frame):
    """The rows of a frame as the reference writes them: text for days and instants, None for what is absent."""
    rows = json.loads(frame.to_json(orient="records", date_format="iso", date_unit="s"))
    for row in rows:
        for name, kind in KINDS.items():
            value = row.get(name)
            if value is not None and kind == "day":
                row[name] = value[:10]
            if value is not None and kind == "instant":
                row[name] = re.sub(r"(\.000)?(Z|\+00:00)?$", "Z", value, count=1)
            if value is not None and kind == "integer":
                row[name] = int(value)
    return sorted(rows, key=lambda row: row["index"])


KINDS = {**data_set.columns("coded"), **data_set.columns("texts")}


def frame_of_csv(text):
    kinds = {name: "str" for name, kind in KINDS.items() if kind not in ("integer", "boolean")}
    frame = pandas.read_csv(io.StringIO(text), dtype=kinds, keep_default_na=False, na_values={name: [""] for name in KINDS})
    for name in frame.columns:
        if KINDS[name] == "list":
            frame[name] = [[] if not isinstance(cell, str) else cell.split("|") for cell in frame[name]]
        elif KINDS[name] == "text":
            frame[name] = [cell[1:] if isinstance(cell, str) and cell.startswith("'") else cell if isinstance(cell, str) else None for cell in frame[name]]
        elif KINDS[name] not in ("integer", "boolean"):
            frame[name] = [cell if isinstance(cell, str) else None for cell in frame[name]]
    return frame


def frame_of(form, data):
    """The rows of one file, read by pandas."""
    if form == "parquet":
        return pandas.read_parquet(io.BytesIO(data))
    if form == "csv":
        return frame_of_csv(data.decode("utf-8"))
    return pandas.DataFrame([json.loads(line) for line in data.decode("utf-8").splitlines()], columns=None)


def exported(folder, form):
    """The rows of all files of a data set, in the order of the log."""
    frames = [frame_of(form, path.read_bytes()) for path in sorted((folder / "entries").iterdir())]
    return [row for frame in frames for row in plain(frame)]


def in_order(rows):
    return sorted(rows, key=lambda row: row["index"])


def compare_rows(folder, history):
    wanted = data_set.rows(history)
    for form in ["parquet", "csv", "jsonl"]:
        rows = in_order(exported(folder / form, form))
        different = [(a, b) for a, b in zip(rows, wanted) if a != b]
        judge(f"the reference's rows in {form}", len(rows) == len(wanted) and not different, str(different[:1]))


def compare_texts(folder, history, url):
    """Every text column against the addendum that the ledger serves, opened by the reference."""
    fields = {"authority": "order_authority"}
    rows, told, kept = in_order(exported(folder / "texts", "parquet")), 0, 0
    for row, index in zip(rows, range(len(rows))):
        holds = history.as_amended(index)["texts"]
        for column in data_set.columns("texts"):
            field = fields.get(column, column)
            by = holds.get(field)
            state = None if by is None else history.text(by, field)
            if state not in ("served", "disclosed"):
                kept += by is not None
                judge_quietly(row[column] is None, f"{column} of {index} is shown")
                continue
            digest = history.fields(by)["addenda"][field].hex()
            opened = addendum.parse(fetch(f"{url}/addenda/{digest[:2]}/{digest[2:4]}/{digest}"))
            judge_quietly(opened.value == row[column], f"{column} of {index}: {row[column]}")
            told += 1
    judge(f"{told} texts are those that the ledger serves, {kept} are kept back", told > ROWS and kept > 0)


def judge_quietly(holds, what):
    """As judge, where thousands hold."""
    if not holds:
        judge("a text", False, what)


def sql_of(dimension):
    if dimension == "year":
        return "coalesce(substr(month, 1, 4), 'none')"
    if dimension in LISTS:
        return f"unnest(CASE WHEN len({dimension}) = 0 THEN ['none'] ELSE list_distinct({dimension}) END)"
    if dimension in ANY_TEXT:
        return f'"{dimension}"'
    return f"coalesce(CAST(\"{dimension}\" AS VARCHAR), 'none')"


def in_duckdb(source, by):
    names = [f"v{at}" for at in range(len(by))]
    # One unnest for each dimension in a query of its own, so that they are multiplied and not paired.
    query = f"SELECT * FROM {source}"
    for name, dimension in zip(names, by):
        query = f"SELECT *, {sql_of(dimension)} AS {name} FROM ({query})"
    query = f"SELECT {', '.join(names)}, count(*) FROM ({query}) GROUP BY ALL"
    return {row[:-1]: row[-1] for row in duckdb.sql(query).fetchall()}


def in_pandas(frame, by):
    names = [f"v{at}" for at in range(len(by))]
    for name, dimension in zip(names, by):
        column = frame["month"].str[:4] if dimension == "year" else frame[dimension]
        if dimension in LISTS:
            frame = frame.assign(**{name: [sorted(set(cell)) or ["none"] for cell in column]}).explode(name)
        else:
            absent = None if dimension in ANY_TEXT else "none"
            texts = [cell if isinstance(cell, str) else absent if pandas.isna(cell) else str(cell)[:10] for cell in column]
            frame = frame.assign(**{name: pandas.Series(texts, index=frame.index, dtype=object)})
    if frame.empty:
        return {}
    counted = frame.groupby(names, dropna=False).size()
    keys = (key if isinstance(key, tuple) else (key,) for key in counted.index)
    return {tuple(None if pandas.isna(one) else one for one in key): int(count) for key, count in zip(keys, counted)}


def counts_of(url, search, by):
    answer = json.loads(fetch(f"{url}/api/v1/counts?by={','.join(by)}&{search}"))
    return {tuple(row[name] for name in by): row["count"] for row in answer["counts"]}, answer


def stream(url, search, form):
    """The rows of a search, as the ledger streams them, and the header fields."""
    with urllib.request.urlopen(f"{url}/api/v1/export?format={form}&texts=with&{search}", timeout=60) as answer:
        return answer.read(), answer.headers


def compare_counts(folder, url, manifest):
    whole = f"'{folder}/texts/entries/*.parquet'"
    for search in SEARCHES:
        files = {}
        for form in ["parquet", "csv", "jsonl"]:
            files[form], headers = stream(url, search, form)
            judge_quietly(headers["glasshouse-tree-size"] == str(manifest["size"]), f"size of {search}")
            judge_quietly(headers["glasshouse-tree-root"] == manifest["root"], f"root of {search}")
        (folder / "search.parquet").write_bytes(files["parquet"])
        metadata = pyarrow.parquet.read_metadata(folder / "search.parquet").metadata
        judge_quietly(metadata[b"glasshouse.root"].decode() == manifest["root"], f"root in the file of {search}")
        frames = {form: frame_of(form, data) for form, data in files.items()}
        rows = [plain(frame) if len(frame) else [] for frame in frames.values()]
        judge(f"the same {len(rows[0])} rows in three formats: {search or 'everything'}", rows[0] == rows[1] == rows[2])
        indexes = ", ".join(str(row["index"]) for row in rows[0]) or "-1"
        of_whole = f"(SELECT * FROM {whole} WHERE index IN ({indexes}))"
        for by in DIMENSIONS:
            wanted, answer = counts_of(url, search, by)
            name = f"{' and '.join(by)} of {search or 'everything'}"
            judge_quietly(answer["total"] == len(rows[0]), f"total of {search}: {answer['total']} and {len(rows[0])}")
            ours = {
                "DuckDB, the search": in_duckdb(f"'{folder}/search.parquet'", by),
                "DuckDB, the data set": in_duckdb(of_whole, by),
                "pandas, the search": in_pandas(frames["parquet"], by),
            }
            for who, counted in ours.items():
                wrong = {key: (wanted.get(key), counted.get(key)) for key in wanted.keys() | counted.keys() if wanted.get(key) != counted.get(key)}
                judge(f"{name}: {who}", not wrong, str(list(wrong.items())[:3]))


def check_witnessed(folder, manifest, ledger, cosigner):
    """The root is signed by the log and by the witness, says the reference."""
    data = manifest["checkpoint"].encode("utf-8")
    opened = checkpoint.open_checkpoint(data, note.parse_vkey((ledger / "log.vkey").read_text().split()[0]))
    judge("the manifest's tree is the checkpoint's", (opened.size, opened.root.hex()) == (manifest["size"], manifest["root"]))
    judge("a witness cosigned it", checkpoint.verify_cosignature(data, note.parse_vkey(cosigner)) > 0)
    judge("and the manifest names the witness", manifest["audit"]["witnesses"] == ["w1"], str(manifest["audit"]))
    kept = pyarrow.parquet.read_metadata(next((folder / "entries").iterdir())).metadata
    judge("and so do the files", kept[b"glasshouse.root"].decode() == manifest["root"])


def main():
    glasshouse, verify, dump = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    running = []

    def serve(*command):
        running.append(subprocess.Popen([glasshouse, *map(str, command)], stdout=subprocess.PIPE, text=True))
        return ready(running[-1])

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        ledger, policy = folder / "ledger", folder / "policy"
        run(glasshouse, "init", "--dir", ledger, "--origin", "ledger.example", "--registrar-key", "registrar.pem", "--purpose", "test", cwd=folder)
        run(glasshouse, "witness", "init", "--dir", folder / "w1", "--name", WITNESS, cwd=folder)
        try:
            at = serve("witness", "serve", "--dir", folder / "w1", "--listen", "127.0.0.1:0", "--policy", ledger / "policy.txt")["url"]
            cosigner = (folder / "w1" / "witness.vkey").read_text().split()[0]
            logs = [line for line in (ledger / "policy.txt").read_text().splitlines() if line.startswith("log ")]
            policy.write_text("\n".join([*logs, f"witness w1 {cosigner} {at}", "quorum w1", ""]))
            url = serve("serve", "--dir", ledger, "--listen", "127.0.0.1:0", "--min-free", "0", "--policy", policy)["url"]
            publish(glasshouse, dump, folder, url)
            await_cosignature(url)
            made = [verify, "export", url, "--policy", policy, "--state", "audit"]
            for name, more in {"parquet": [], "csv": ["--format", "csv"], "jsonl": ["--format", "jsonl"], "texts": ["--texts"]}.items():
                run(*made, "--out", name, *more, cwd=folder)
                run(*made, "--check", name, cwd=folder)
            manifest = json.loads((folder / "parquet" / "manifest.json").read_text(encoding="utf-8"))
            check_witnessed(folder / "parquet", manifest, ledger, cosigner)
            history = History("https://ledger.example", entries_of(url, manifest["size"]))
            compare_rows(folder, history)
            compare_texts(folder, history, url)
            compare_counts(folder, url, manifest)
            check_feeds(url)
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(timeout=30)
    print(f"\n{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def conditional(url, tag):
    """The status of a request for what is known already."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": tag}), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def check_feeds(url):
    for search in SEARCHES:
        total = json.loads(fetch(f"{url}/api/v1/statements?limit=1&{search}"))["total"]
        for path in ["/feed.atom", "/fr/feed.atom", "/feed.json", "/fr/feed.json"]:
            address = f"{url}{path}?{search}"
            with urllib.request.urlopen(address, timeout=30) as answer:
                body, tag = answer.read(), answer.headers["ETag"]
            if path.endswith("atom"):
                feed = feedparser.parse(body)
                good = not feed.bozo and feed.version == "atom10" and len(feed.entries) == min(50, total)
                good = good and all(one.id.startswith("urn:glasshouse:") and one.title and one.link and one.updated_parsed for one in feed.entries)
                ids = [one.id for one in feed.entries]
            else:
                feed = json.loads(body)
                good = feed["version"] == "https://jsonfeed.org/version/1.1" and len(feed["items"]) == min(50, total)
                ids = [one["id"] for one in feed["items"]]
            judge(f"{path} of {search or 'everything'}", good and len(set(ids)) == len(ids), body[:300].decode())
            judge_quietly(conditional(address, tag) == 304, f"{path} is sent again")


main()

"""The floor: bare Flask and SQLAlchemy views that read and write the same rows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, render_template_string, request
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

_LIST = """<!doctype html><title>x</title><ul>{% for r in rows %}<li><a href="/c/{{ r.slug }}">{{ r.title }}</a>
{{ r.body }} {{ r.closes_at }} {{ r.n }}</li>{% endfor %}</ul>"""
_TEXT = """<!doctype html><title>x</title>{% for p in provisions %}<h3>{{ p.number }}</h3><p>{{ p.text }}</p>
{{ counts.get(p.id, 0) }}{% endfor %}{% for c in comments %}<p>{{ c.body }} {{ c.who }}</p>{% endfor %}"""
_ONE = """<!doctype html><title>x</title><h1>{{ it.title }}</h1>{{ it.body }} {{ it.purpose }} {{ it.closes_at }}<ul>
{% for c in chapters %}<li>{{ c.number }} {{ c.heading }}</li>{% endfor %}</ul>{% for q in questions %}<p>{{ q.wording }}
</p>{% endfor %}{% for row in counts %}{{ row.state }} {{ row.n }}{% endfor %}{{ owed }}"""
_DIGEST = """<!doctype html><title>x</title><h1>{{ it.title }}</h1>{% for key, value in rows %}<p>{{ key }}
{{ words.get(value, "") if key == "comment" else value }}</p>{% endfor %}"""


def make(url: str) -> Flask:
    app = Flask(__name__)
    session = sessionmaker(create_engine(url, pool_size=4))
    app.jinja_env.cache_size = 400  # type: ignore[attr-defined]

    @app.get("/consultations")
    def listing() -> str:
        with session() as db:
            rows = db.execute(text(
                "SELECT c.slug, c.title, c.body, c.closes_at, (SELECT sum(n) FROM tally t WHERE t.consultation_id = c.id "
                "AND provision_id IS NULL) AS n FROM consultation c WHERE closes_at > now() ORDER BY closes_at LIMIT 25"
            )).all()  # fmt: skip
        return render_template_string(_LIST, rows=rows)

    @app.get("/consultation")
    def one() -> str:
        """Return the page without the count of organisations, for which a bare statement would read all submissions."""
        with session() as db:
            return render_template_string(_ONE, **_one(db))

    @app.get("/digest")
    def digest() -> str:
        """Return the values of the body by name, and the current words of its quotes."""
        with session() as db:
            row = db.execute(text("SELECT * FROM digest WHERE id = 1")).one()
            it = db.execute(text("SELECT * FROM consultation WHERE id = :c"), {"c": row.consultation_id}).one()
            quoted = {value for name, value in _leaves("", row.body) if name == "comment"}
            rows = db.execute(text(
                "SELECT c.id, c.body, s.state FROM comment c JOIN submission s ON s.id = c.submission_id "
                "WHERE c.id = ANY(:ids)"
            ), {"ids": sorted(quoted)}).all()  # fmt: skip
        said = _leaves("", row.body)
        return render_template_string(_DIGEST, it=it, rows=said, words={c.id: c.body for c in rows})

    @app.get("/chapter")
    def chapter() -> str:
        with session() as db:
            return render_template_string(_TEXT, **_chapter(db))

    @app.get("/paragraph")
    def paragraph() -> str:
        with session() as db:
            rows = db.execute(text(
                "SELECT c.body, coalesce(s.organisation_name, s.person_name) AS who FROM comment c "
                "JOIN submission s ON s.id = c.submission_id WHERE c.provision_id = (SELECT id FROM provision WHERE "
                "version_id = 1 AND number = '2.1') AND c.shown ORDER BY c.id DESC LIMIT 20"
            )).all()  # fmt: skip
        return render_template_string(_TEXT, provisions=[], counts={}, comments=rows)

    @app.get("/queue")
    def queue() -> str:
        with session() as db:
            rows = db.execute(text(
                "SELECT c.body, s.reference AS who FROM submission s JOIN comment c ON c.submission_id = s.id "
                "WHERE s.state = 'pending' ORDER BY s.received_at, s.id LIMIT 25"
            )).all()  # fmt: skip
        return render_template_string(_TEXT, provisions=[], counts={}, comments=rows)

    @app.get("/waiting")
    def waiting() -> str:
        with session() as db:
            rows = db.execute(text(
                "SELECT c.body, s.reference AS who FROM (SELECT submission_id, turn FROM waiting WHERE queue = 'new' "
                "ORDER BY turn, submission_id LIMIT 25) w JOIN submission s ON s.id = w.submission_id "
                "JOIN comment c ON c.submission_id = s.id ORDER BY w.turn, s.id"
            )).all()  # fmt: skip
        return render_template_string(_TEXT, provisions=[], counts={}, comments=rows)

    @app.post("/file")
    def file() -> str:
        with session() as db:
            _file(db, request.form["body"], files=int(request.form.get("files", 0)))
            db.commit()
        return "filed"

    @app.post("/decide/<int:number>")
    def decide(number: int) -> str:
        with session() as db:
            _decide(db, number)
            db.commit()
        return "decided"

    @app.post("/keep")
    def keep() -> str:
        data, folder = request.files["file"].read(), secrets.token_hex(16)
        Path(request.form["folder"], folder).write_bytes(data)
        with session() as db:
            _keep(db, folder, data)
            db.commit()
        return "kept"

    return app


def _one(db: Session) -> dict[str, object]:
    it = db.execute(text("SELECT * FROM consultation WHERE slug = 'plan-1'")).one()
    chapters = db.execute(text(
        "SELECT eid, number, heading FROM provision WHERE version_id = :v AND parent_id IS NULL ORDER BY position"
    ), {"v": it.version_id}).all()  # fmt: skip
    questions = db.execute(
        text("SELECT * FROM question WHERE consultation_id = :c ORDER BY position"), {"c": it.id}
    ).all()
    counts = db.execute(text(
        "SELECT state, sum(n) AS n FROM tally WHERE consultation_id = :c AND provision_id IS NULL GROUP BY state"
    ), {"c": it.id}).all()  # fmt: skip
    owed = db.execute(text(
        "SELECT count(*) FROM argument WHERE consultation_id = :c AND merged_into_id IS NULL AND statements > 0"
    ), {"c": it.id}).scalar_one()  # fmt: skip
    return {"it": it, "chapters": chapters, "questions": questions, "counts": counts, "owed": owed}


def _leaves(key: str, part: object) -> Iterator[tuple[str, object]]:
    """Yield the values within a nested value, with their names."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _leaves(name, value)
    elif isinstance(part, list):
        for value in part:
            yield from _leaves(key, value)
    else:
        yield key, part


def _chapter(db: Session) -> dict[str, object]:
    provisions = db.execute(
        text("SELECT * FROM provision WHERE version_id = 1 AND chapter = 'chp_2' ORDER BY position")
    ).all()
    counts = db.execute(text(
        "SELECT provision_id, sum(n) AS n FROM tally WHERE consultation_id = 1 AND state = 'published' GROUP BY 1"
    )).all()  # fmt: skip
    comments = db.execute(text(
        "SELECT c.body, coalesce(s.organisation_name, s.person_name) AS who FROM comment c JOIN submission s ON "
        "s.id = c.submission_id WHERE c.provision_id = :p AND c.shown ORDER BY c.id DESC LIMIT 5"
    ), {"p": provisions[1].id}).all()  # fmt: skip
    return {"provisions": provisions, "counts": {row.provision_id: row.n for row in counts}, "comments": comments}


def _decide(db: Session, number: int) -> None:
    """Store one decision with a delay of half a minute, and read the next submission: the same rows, without checks."""
    row = db.execute(text("SELECT revision FROM submission WHERE id = :s FOR UPDATE"), {"s": number}).one()
    db.execute(text(
        "INSERT INTO decision (submission_id, revision, moderator_id, outcome, note, internal_note, at, due_at, policy) "
        "VALUES (:s, :r, 2, 'publish', '', '', now(), now() + interval '30 seconds', 1)"
    ), {"s": number, "r": row.revision})  # fmt: skip
    db.execute(text("UPDATE waiting SET queue = 'aside' WHERE submission_id = :s"), {"s": number})
    db.execute(text("SELECT submission_id FROM waiting WHERE queue = 'new' ORDER BY turn, submission_id LIMIT 1")).all()


def _keep(db: Session, folder: str, data: bytes) -> int:
    return int(db.execute(text(
        "INSERT INTO stored_file (folder, name, kind, size, sha256, state, created_at, attempts, removed, pages, text) "
        "VALUES (:f, 'a.pdf', 'pdf', :n, :h, 'waiting', now(), 0, '[]', 0, '') RETURNING id"
    ), {"f": folder, "n": len(data), "h": hashlib.sha256(data).digest()}).scalar_one())  # fmt: skip


def _file(db: Session, body: str, *, files: int = 0) -> None:
    """Store one submission with five comments: the same rows, without checks."""
    submission = db.execute(text(
        "INSERT INTO submission (reference, consultation_id, version_id, state, revision, submitter_kind, name_rule, "
        "language, received_at, text_hash) VALUES (:r, 1, 1, 'pending', 1, 'unnamed', 'none', 'en', now(), '\\x00') "
        "RETURNING id"
    ), {"r": secrets.token_hex(8)}).scalar_one()  # fmt: skip
    for position in range(5):
        db.execute(text(
            "INSERT INTO comment (submission_id, consultation_id, provision_id, stance, body, language, position, shown) "
            "VALUES (:s, 1, :p, 'concern', :b, 'en', :o, false)"
        ), {"s": submission, "p": 501 + position, "b": body, "o": position})  # fmt: skip
    for position in range(files):
        db.execute(text(
            "INSERT INTO evidence (submission_id, consultation_id, position, shown, file_id, kind, description, language, "
            "place, method, consent) VALUES (:s, 1, :o, false, :f, 'study', 'Deaths fell', 'en', '', '', true)"
        ), {"s": submission, "o": position, "f": _keep(db, secrets.token_hex(16), b"")})  # fmt: skip
    db.execute(text(
        "INSERT INTO ledger (at, kind, consultation_id, subject_id, detail) VALUES (now(), 'submission.received', 1, :s, '{}')"
    ), {"s": submission})  # fmt: skip

"""One fault for each rule for Python. Nothing imports this: `.ci/security/run` proves with it that tools find them."""

import hashlib
import pickle
import random
import ssl
import subprocess

import flask
from lxml import etree
from markupsafe import Markup
from sqlalchemy import text

from consult.core.logs import log

pages = flask.Blueprint("pages", __name__)  # unguarded-route


def planted(session, given, row):
    words = flask.request.args.get("q")
    session.execute(text(f"SELECT * FROM comment WHERE body = '{words}'"))  # request-into-sql
    open(words)  # request-into-code
    log.info("seen", who=flask.request.remote_addr)  # request-into-log
    subprocess.run(given, shell=True)  # shell
    pickle.loads(given)  # objects-from-bytes
    hashlib.md5(given)  # weak-hash
    random.choice("abc")  # guessable
    if given == row.secret:  # compared-by-equals
        etree.fromstring(given)  # foreign-entities
    ssl._create_unverified_context()  # no-certificate
    flask.make_response("").set_cookie("a", "b")  # cookie-for-scripts
    page = Markup(f"<p>{words}</p>")  # request-into-page
    return flask.redirect(words) if words else page  # request-into-redirect

"""SKOS import and export. Source: W3C, SKOS Simple Knowledge Organization System Reference, 2009.

A pack is a graph of concept schemes and concepts in any form that rdflib reads: Turtle, RDF/XML, JSON-LD. A graph has
no order, but the file has: schemes and terms keep the order in which it describes them.
"""

from __future__ import annotations

import json
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.taxonomy.pack import Concept, Vocabulary

FORMATS = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld"}
"""Ways of writing a pack, by the ending of the file's name."""


class OrderedMemoryStore(Memory):
    """A store that remembers in which order it met its subjects."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: dict[Node, None] = {}

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        self.subjects.setdefault(triple[0])
        super().add(triple, context, quoted)


class _OrderedTurtle(TurtleSerializer):
    """Turtle with its subjects in the order of the graph's store."""

    def orderSubjects(self) -> list[Any]:
        return list(self._subjects)


class PackRefused(Refusal):
    """The file is not a pack of schemes and terms; the message says where."""


def read_pack(path: Path) -> list[Vocabulary]:
    """The schemes of a pack. Raises PackRefused with the place of the first mistake."""
    written = FORMATS.get(path.suffix.lstrip("."))
    if written is None:
        raise PackRefused(_("Name the file .ttl, .rdf or .jsonld after the way it is written."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's JSON-LD reader warns of rdflib itself
            graph = Graph(store=(store := OrderedMemoryStore())).parse(path, format=written)
    except Exception as error:  # each of rdflib's parsers raises errors of its own
        first = " ".join(str(error).split())[:300]
        raise PackRefused(_("This is not SKOS that can be read: %(error)s", error=first)) from error
    order = list(store.subjects)
    schemes = _in_order(order, graph.subjects(RDF.type, SKOS.ConceptScheme))
    found = [_vocabulary(graph, scheme, order) for scheme in schemes]
    if not found:
        raise PackRefused(_("The file names no skos:ConceptScheme."))
    return found


def write_pack(vocabularies: Iterable[Vocabulary], written: str) -> str:
    """The pack in one of FORMATS, in its order. The same pack gives the same text."""
    graph = Graph(store="SimpleMemory")  # it gives back what it holds as it came
    graph.bind("skos", SKOS)
    graph.bind("dct", DCTERMS)
    for vocabulary in vocabularies:
        scheme = URIRef(vocabulary.uri)
        graph.add((scheme, RDF.type, SKOS.ConceptScheme))
        graph.add((scheme, SKOS.notation, Literal(vocabulary.notation)))
        _add_labels(graph, scheme, SKOS.prefLabel, vocabulary.labels)
        for concept in vocabulary.concepts:
            _add_concept(graph, scheme, concept)
    if written == "ttl":
        _OrderedTurtle(graph).serialize(made := BytesIO())
        return made.getvalue().decode()
    text = graph.serialize(format=FORMATS[written])
    return _in_graph_order(graph, text) if written == "jsonld" else text


def _in_graph_order(graph: Graph, text: str) -> str:
    """JSON-LD with its nodes in the order of the graph; rdflib writes them in that of a set."""
    places = {str(subject): place for place, subject in enumerate(dict.fromkeys(graph.subjects()))}
    nodes = sorted(json.loads(text), key=lambda node: places[node["@id"]])
    return json.dumps(nodes, ensure_ascii=False, indent=2) + "\n"


def _add_concept(graph: Graph, scheme: URIRef, concept: Concept) -> None:
    subject = URIRef(concept.uri)
    graph.add((subject, RDF.type, SKOS.Concept))
    graph.add((subject, SKOS.inScheme, scheme))
    graph.add((subject, SKOS.notation, Literal(concept.notation)))
    _add_labels(graph, subject, SKOS.prefLabel, concept.labels)
    for code, words in concept.others.items():
        for word in words:
            graph.add((subject, SKOS.altLabel, Literal(word, lang=code)))
    if concept.broader:
        graph.add((subject, SKOS.broader, URIRef(concept.broader)))
    else:
        graph.add((subject, SKOS.topConceptOf, scheme))
    if concept.source:
        graph.add((subject, DCTERMS.source, Literal(concept.source)))


def _add_labels(graph: Graph, subject: URIRef, predicate: URIRef, words: dict[str, str]) -> None:
    for code, word in words.items():
        graph.add((subject, predicate, Literal(word, lang=code)))


def _in_order(order: Iterable[Node], subjects: Iterable[Node]) -> list[Node]:
    wanted = set(subjects)
    return [subject for subject in order if subject in wanted]


def _vocabulary(graph: Graph, scheme: Node, order: Iterable[Node]) -> Vocabulary:
    members = {str(node): node for node in _in_order(order, graph.subjects(SKOS.inScheme, scheme))}
    concepts = {uri: _concept(graph, node, members) for uri, node in members.items()}
    return Vocabulary(str(scheme), _notation(graph, scheme), _labels(graph, scheme), list(_broader_first(concepts)))


def _concept(graph: Graph, node: Node, members: dict[str, Node]) -> Concept:
    above = [str(other) for other in graph.objects(node, SKOS.broader) if str(other) in members]
    others: dict[str, list[str]] = defaultdict(list)
    for word in graph.objects(node, SKOS.altLabel):
        others[getattr(word, "language", None) or DEFAULT_LANGUAGE].append(str(word))
    source = next((str(value) for value in graph.objects(node, DCTERMS.source)), "")
    ordered = {code: sorted(words) for code, words in sorted(others.items())}
    return Concept(
        str(node), _notation(graph, node), _labels(graph, node), ordered, above[0] if above else None, source
    )


def _notation(graph: Graph, node: Node) -> str:
    """Its notation, else the end of its address."""
    found = next((str(value) for value in graph.objects(node, SKOS.notation)), "")
    return found or str(node).rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2]


def _labels(graph: Graph, node: Node) -> dict[str, str]:
    words = sorted(graph.objects(node, SKOS.prefLabel), key=str)
    found = {getattr(word, "language", None) or DEFAULT_LANGUAGE: str(word) for word in words}
    if not found:
        raise PackRefused(_("%(uri)s has no skos:prefLabel.", uri=str(node)))
    return dict(sorted(found.items()))


def _broader_first(concepts: dict[str, Concept]) -> Iterator[Concept]:
    """Each concept after the one above it, else in the order of the file. Raises PackRefused for a circle."""
    below: dict[str | None, list[Concept]] = defaultdict(list)
    for concept in concepts.values():
        below[concept.broader].append(concept)
    waiting, told = list(reversed(below[None])), 0
    while waiting:
        concept = waiting.pop()
        told += 1
        yield concept
        waiting += reversed(below[concept.uri])
    if told < len(concepts):
        raise PackRefused(_("Some terms are broader than themselves: follow skos:broader and break the circle."))

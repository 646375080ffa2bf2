"""Each alert fires when its measurement crosses its limit, and no other alert does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from consult import ROOT
from consult.cli.maintenance.metrics import collect

DEPLOY = ROOT / "deploy"
PROMTOOL = shutil.which("promtool")
ALERTS = {rule["alert"]: rule for rule in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]}
HEALTHY = {
    "up": 1,
    'consult_health{check="database"}': 0,
    'consult_health{check="key"}': 0,
    'consult_heartbeat_age_seconds{part="clock"}': 5,
    'consult_heartbeat_age_seconds{part="worker.mail"}': 10,
    'consult_heartbeat_age_seconds{part="worker.files"}': 10,
    'consult_heartbeat_age_seconds{part="backup"}': 3600,
    "consult_record_unnumbered_age_seconds": 1,
    "consult_database_oldest_transaction_seconds": 2,
    "consult_mails_late": 0,
    'consult_mails{state="refused"}': 0,
    "consult_audit_findings": 0,
    "consult_disk_free_bytes": 50,
    "consult_disk_size_bytes": 100,
}
WITHOUT_DATABASE = {"up", "consult_health", "consult_disk_free_bytes", "consult_disk_size_bytes"}
FAULTS: list[tuple[str, str, dict[str, float]]] = [
    ("metrics not served", "ConsultMetricsMissing", {"up": 0}),
    ("database away", "ConsultDatabaseDown", {'consult_health{check="database"}': 2}),
    ("another key", "ConsultDatabaseDown", {'consult_health{check="key"}': 2}),
    (
        "scheduler stopped, so nobody probes workers, numbers entries or sends e-mails",
        "ConsultSchedulerStopped",
        {
            'consult_heartbeat_age_seconds{part="clock"}': 300,
            'consult_heartbeat_age_seconds{part="worker.mail"}': 290,
            'consult_heartbeat_age_seconds{part="worker.files"}': 290,
            "consult_record_unnumbered_age_seconds": 280,
            "consult_mails_late": 1,
        },
    ),
    (
        "worker of e-mails stopped",
        "ConsultWorkerStopped",
        {'consult_heartbeat_age_seconds{part="worker.mail"}': 300, "consult_mails_late": 1},
    ),
    ("entries without number", "ConsultRecordNotNumbered", {"consult_record_unnumbered_age_seconds": 90}),
    ("long transaction", "ConsultTransactionLong", {"consult_database_oldest_transaction_seconds": 301}),
    ("e-mails late", "ConsultMailNotSent", {"consult_mails_late": 1}),
    ("e-mails refused", "ConsultMailNotSent", {'consult_mails{state="refused"}': 3}),
    ("data changed", "ConsultRecordDiffers", {"consult_audit_findings": 1}),
    ("no backup", "ConsultBackupOld", {'consult_heartbeat_age_seconds{part="backup"}': 26 * 3600 + 1}),
    ("disk nearly full", "ConsultDiskFull", {"consult_disk_free_bytes": 9}),
]


def name_of(series: str) -> str:
    return series.partition("{")[0]


def labelled(series: str) -> str:
    """Add the labels that Prometheus adds."""
    name, _brace, labels = series.partition("{")
    return f'{name}{{job="consult",instance="site",{labels or "}"}'.replace(",}", "}")


def write_rule_test(folder: Path, alert: str, changed: dict[str, float]) -> Path:
    """Write a file for promtool: after ten minutes with these values, this alert and no other is active."""
    values = {**HEALTHY, **changed}
    if alert == "ConsultDatabaseDown":
        values = {series: value for series, value in values.items() if name_of(series) in WITHOUT_DATABASE}
    if alert == "ConsultMetricsMissing":
        values = {"up": 0}
    labels = find_labels(alert, changed)
    case: dict[str, Any] = {
        "interval": "15s",
        "input_series": [{"series": labelled(series), "values": f"{value}x80"} for series, value in values.items()],
        "alert_rule_test": [
            {
                "eval_time": "10m",
                "alertname": name,
                "exp_alerts": [{"exp_labels": labels}] if name == alert else [],
            }
            for name in ALERTS
        ],
    }
    path = folder / "test.yml"
    data = {"rule_files": [str(folder / "rules.yml")], "evaluation_interval": "15s", "tests": [case]}
    path.write_text(yaml.safe_dump(data))
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    for rule in rules["groups"][0]["rules"]:
        del rule["annotations"]  # sentences, which are not compared here
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    return path


def find_labels(alert: str, changed: dict[str, float]) -> dict[str, str]:
    if not alert:
        return {}
    labels = {"job": "consult", "instance": "site", **ALERTS[alert]["labels"]}
    if alert in ("ConsultDatabaseDown", "ConsultSchedulerStopped", "ConsultWorkerStopped", "ConsultBackupOld"):
        labels |= dict(re.findall(r'(\w+)="([^"]+)"', next(iter(changed))))
    if "refused" in str(changed):
        labels["state"] = "refused"
    return labels


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")
@pytest.mark.parametrize(
    ("alert", "changed"), [fault[1:] for fault in FAULTS], ids=[name for name, _alert, _changed in FAULTS]
)
def test_a_fault_fires_its_alert_and_no_other(tmp_path: Path, alert: str, changed: dict[str, float]) -> None:
    path = write_rule_test(tmp_path, alert, changed)
    tried = subprocess.run([str(PROMTOOL), "test", "rules", path], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stdout + tried.stderr


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")
def test_a_healthy_site_fires_no_alert(tmp_path: Path) -> None:
    path = write_rule_test(tmp_path, "", {})
    tried = subprocess.run([str(PROMTOOL), "test", "rules", path], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stdout + tried.stderr


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")
@pytest.mark.parametrize(("kind", "name"), [("rules", "alerts.yml"), ("config", "prometheus.yml")])
def test_promtool_accepts_the_files(kind: str, name: str) -> None:
    checked = subprocess.run([str(PROMTOOL), "check", kind, DEPLOY / name], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_there_are_ten_alerts_and_each_has_a_fault_here_and_a_remedy_in_the_documents() -> None:
    assert len(ALERTS) == 10
    assert {alert for _name, alert, _changed in FAULTS} == set(ALERTS)
    text = (ROOT / "docs" / "monitoring.md").read_text()
    assert [name for name in ALERTS if f"`{name}`" not in text] == []


def test_alerts_and_dashboard_use_measurements_that_exist(app: Flask) -> None:
    exported = set(re.findall(r"(?m)^# TYPE (\w+) gauge$", collect(app)))
    panels = json.loads((DEPLOY / "dashboard.json").read_text())["panels"]
    expressions = [rule["expr"] for rule in ALERTS.values()]
    expressions += [target["expr"] for panel in panels for target in panel["targets"]]
    used = {name for expression in expressions for name in re.findall(r"\bconsult_\w+", expression)}
    assert used
    assert used <= exported
    assert {name_of(series) for series in HEALTHY} - {"up"} <= exported

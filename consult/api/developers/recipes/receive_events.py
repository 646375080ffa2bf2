import base64
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

secret = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))


class Receiver(BaseHTTPRequestHandler):
    seen: set[str] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message, sent = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        right = base64.b64encode(hmac.digest(secret, f"{message}.{sent}.".encode() + body, "sha256"))
        signed = [each[3:].encode() for each in self.headers["webhook-signature"].split() if each.startswith("v1,")]
        valid = any(hmac.compare_digest(right, each) for each in signed) and abs(time.time() - int(sent)) < 300
        if valid and message not in self.seen:  # a repeated request has the same id
            self.seen.add(message)
            for event in json.loads(body)["data"]["events"]:
                print(event["number"], event["kind"], event["page"], flush=True)  # noqa: T201
        self.send_response(204 if valid else 400)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()

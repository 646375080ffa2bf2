#!/bin/sh
# Send a submission: SITE=https://consult.example SLUG=… TOKEN=cst_… KEY=one-key-for-each-submission sh send_submission.sh
# Send the same command again if you get no answer. It files the submission once.
set -eu
curl --silent --show-error --fail-with-body "$SITE/api/v1/consultations/$SLUG/submissions" \
  --header "Authorization: Bearer $TOKEN" \
  --header "Idempotency-Key: $KEY" \
  --header "Content-Type: application/json" \
  --data '{"comments": [{"stance": "support", "body": "We support this draft."}], "language": "en"}'

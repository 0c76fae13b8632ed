#!/bin/sh
# Runs the job of one large image in the batch service: large.sh KEY, a key in the bucket of originals.
set -eu

# The program is given credentials, as Lambda gives them; here the job's role has an address for them.
if [ -n "${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-}" ]; then
  credentials=$(curl --fail --silent --show-error --retry 5 \
    "${CREDENTIALS_HOST:-http://169.254.170.2}$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
  eval "$(printf '%s' "$credentials" | jq --raw-output \
    '@sh "export AWS_ACCESS_KEY_ID=\(.AccessKeyId) AWS_SECRET_ACCESS_KEY=\(.SecretAccessKey) AWS_SESSION_TOKEN=\(.Token)"')"
fi

exec augment-lambda --object "$1"

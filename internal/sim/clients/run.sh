#!/usr/bin/env bash
# Lets AWS clients that are not ours talk to the simulated account: one fresh
# account a script, on a loopback port. Usage: run.sh LOADLINE
# It installs the npm packages of package-lock.json. What a machine does not
# have is told and left out; a script that fails, fails the whole.
set -euo pipefail
loadline=$(realpath "$1")
cd "$(dirname "$0")"

served= log=$(mktemp -d)
stop() { if [ -n "$served" ]; then kill "$served" 2>/dev/null || true; wait "$served" 2>/dev/null || true; served=; fi; }
trap 'stop; rm -rf "$log"' EXIT

unset AWS_PROFILE AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=SIMULATED AWS_SECRET_ACCESS_KEY=simulated-secret
export NODE_NO_WARNINGS=1 AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 PYTHONDONTWRITEBYTECODE=1

failed=0
talk() { # NAME COMMAND...: with an account of its own, at most a minute
  echo "$1"
  "$loadline" simulate --account account.yaml >"$log/served" 2>&1 &
  served=$!
  for _ in $(seq 100); do
    AWS_ENDPOINT_URL=$(sed -n 's/^export AWS_ENDPOINT_URL=//p' "$log/served")
    [ -n "$AWS_ENDPOINT_URL" ] && break
    sleep 0.05
  done
  export AWS_ENDPOINT_URL
  if ! timeout -k 5 60 "${@:2}"; then echo "  FAILED: $1"; failed=1; fi
  stop
}

if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
  # What npm ci leaves is a copy of the lock file: where that is as new, it is done.
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    timeout -k 5 120 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
  fi
  for script in bedrock runtime streams quotas cloudwatch anthropic ai; do
    talk "$script.mjs" node "$script.mjs"
  done
else
  echo "skipped: the clients of npm; Node 20 or later and npm would run them"
fi

if command -v python3 >/dev/null && python3 -c 'import boto3' 2>/dev/null; then
  talk boto.py python3 boto.py
else
  echo "skipped: boto3; a python3 that can import it would run boto.py"
fi

if command -v aws >/dev/null && aws --version >/dev/null 2>&1; then
  talk aws-cli.sh bash aws-cli.sh
else
  echo "skipped: aws-cli; an aws on the PATH would run aws-cli.sh"
fi
exit $failed

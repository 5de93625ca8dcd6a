#!/usr/bin/env bash
# Lets readers of JUnit files that are not ours read the reports of ../testdata.
# It installs the npm packages of package-lock.json; without Node that is told,
# and nothing else.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "skipped: the readers of JUnit files; Node 20 or later and npm would run them"
  exit 0
fi
# What npm ci leaves is a copy of the lock file: where that is as new, it is done.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  timeout -k 5 120 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
fi
echo junit.mjs
timeout -k 5 60 node junit.mjs

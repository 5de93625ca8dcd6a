#!/usr/bin/env bash
# Opens the pages of the fixtures in Chromium, without a window, and looks at
# what a person would. It installs the npm packages of package-lock.json; where
# there is no Chromium or no Node, that is told and nothing is done. CHROMIUM
# names one that is not on the PATH; SHOTS a folder for pictures of the pages.
set -euo pipefail
cd "$(dirname "$0")"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
  echo "skipped: the page in a browser; chromium on the PATH, or CHROMIUM=/path, would open it"
  exit 0
fi
if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
  echo "skipped: the page in a browser; Node 20 or later and npm would drive it"
  exit 0
fi
# What npm ci leaves is a copy of the lock file: where that is as new, it is done.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  timeout -k 5 120 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
fi

pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
(cd .. && "${GO:-go}" test . -run '^TestPages$' -count 1 -pages "$pages" >/dev/null)
CHROMIUM=$chromium timeout -k 5 240 node page.mjs "$pages"

#!/usr/bin/env bash
# aws-cli: what it prints, and with which exit status.
set -euo pipefail
export AWS_MAX_ATTEMPTS=1 AWS_PAGER= AWS_DEFAULT_OUTPUT=json
small=anthropic.claude-small-v1:0 hello='[{"role":"user","content":[{"text":"Hello"}]}]'

want() { # WHAT EXPECTED GOT
  if [ "$2" != "$3" ]; then echo "  $1: got '$3'; want '$2'"; exit 1; fi
  echo "  ok: $1"
}
refused() { # EXCEPTION COMMAND...
  local said
  if said=$("${@:2}" 2>&1); then echo "  no $1: $said"; exit 1; fi
  case $said in *"($1)"*) echo "  ok: $1" ;; *) echo "  not $1: $said"; exit 1 ;; esac
}

want "the caller" 123456789012 "$(aws sts get-caller-identity --query Account --output text)"
want "quotas, in pages" 5 "$(aws service-quotas list-service-quotas --service-code bedrock --page-size 2 --query 'length(Quotas)')"
want "models" 8 "$(aws bedrock list-foundation-models --query 'length(modelSummaries)' --output text)"
refused ResourceNotFoundException aws bedrock get-foundation-model --model-identifier anthropic.nowhere-v1:0
for n in 1 2 3; do
  want "call $n" 20 "$(aws bedrock-runtime converse --model-id $small --messages "$hello" --query usage.outputTokens --output text)"
done
refused ThrottlingException aws bedrock-runtime converse --model-id $small --messages "$hello"
refused ValidationException aws bedrock-runtime converse --model-id anthropic.nowhere-v1:0 --messages "$hello"
end=$(($(date +%s) / 60 * 60 - 300))
want "an hour of traffic" 1620 "$(printf %.0f "$(aws cloudwatch get-metric-data --start-time $((end - 3600)) --end-time $end --query 'sum(MetricDataResults[0].Values)' \
  --metric-data-queries '[{"Id":"ok","MetricStat":{"Metric":{"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":"amazon.nova-lite-v1:0"}]},"Period":60,"Stat":"Sum"}}]')")"

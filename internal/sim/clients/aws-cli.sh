#!/usr/bin/env bash
# aws-cli: what it prints, and with which exit status.
# There is no stream here: aws-cli leaves out the operations of Bedrock that
# stream, in both of its versions (ConverseStream's documentation says so:
# "The CLI doesn't support streaming operations in Amazon Bedrock").
set -euo pipefail
export AWS_MAX_ATTEMPTS=1 AWS_PAGER= AWS_DEFAULT_OUTPUT=json
small=anthropic.claude-small-v1:0 large=anthropic.claude-large-v1:0 hello='[{"role":"user","content":[{"text":"Hello"}]}]'

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
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo '{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}' >"$folder/body"
want "a reply in a file" application/json "$(aws bedrock-runtime invoke-model --model-id $large --body "fileb://$folder/body" --query contentType --output text "$folder/reply")"
want "its tokens" 20 "$(sed -n 's/.*"output_tokens":\([0-9]*\).*/\1/p' "$folder/reply")"
want "latency and tier" "optimized flex" "$(aws bedrock-runtime converse --model-id $large --messages "$hello" --performance-config latency=optimized --service-tier type=flex --query '[performanceConfig.latency, serviceTier.type]' --output text | tr '\t' ' ')"
want "tokens counted" 2 "$(aws bedrock-runtime count-tokens --model-id $large --input "{\"converse\":{\"messages\":$hello}}" --query inputTokens --output text)"
refused ThrottlingException aws bedrock-runtime converse --model-id $small --messages "$hello"
refused ValidationException aws bedrock-runtime converse --model-id anthropic.nowhere-v1:0 --messages "$hello"
end=$(($(date +%s) / 60 * 60 - 300))
want "an hour of traffic" 1620 "$(printf %.0f "$(aws cloudwatch get-metric-data --start-time $((end - 3600)) --end-time $end --query 'sum(MetricDataResults[0].Values)' \
  --metric-data-queries '[{"Id":"ok","MetricStat":{"Metric":{"Namespace":"AWS/Bedrock","MetricName":"Invocations","Dimensions":[{"Name":"ModelId","Value":"amazon.nova-lite-v1:0"}]},"Period":60,"Stat":"Sum"}}]')")"
want "the series of a tier" 1 "$(aws cloudwatch list-metrics --metric-name Invocations --dimensions Name=ServiceTier,Value=flex --query 'length(Metrics)' --output text)"
want "statistics of an hour" 60 "$(aws cloudwatch get-metric-statistics --namespace AWS/Bedrock --metric-name Invocations --dimensions Name=ModelId,Value=amazon.nova-lite-v1:0 \
  --start-time $((end - 3600)) --end-time $end --period 60 --statistics Sum --query 'length(Datapoints[?Sum==`27`])' --output text)"
aws cloudwatch put-metric-alarm --alarm-name throttles --namespace AWS/Bedrock --metric-name InvocationThrottles --dimensions Name=ModelId,Value=amazon.nova-lite-v1:0 \
  --statistic Sum --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold
want "an alarm" throttles "$(aws cloudwatch describe-alarms --query 'MetricAlarms[].AlarmName' --output text)"
aws cloudwatch tag-resource --resource-arn arn:aws:cloudwatch:us-east-1:123456789012:alarm:throttles --tags Key=owner,Value=me
want "its tag" me "$(aws cloudwatch list-tags-for-resource --resource-arn arn:aws:cloudwatch:us-east-1:123456789012:alarm:throttles --query 'Tags[].Value' --output text)"
aws cloudwatch delete-alarms --alarm-names throttles
want "no alarm" 0 "$(aws cloudwatch describe-alarms --query 'length(MetricAlarms)' --output text)"

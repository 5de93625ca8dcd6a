"""boto3: every service, with its typed exceptions, pages, counts and streams."""
import datetime
import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
SMALL, LARGE, NOVA = "anthropic.claude-small-v1:0", "anthropic.claude-large-v1:0", "amazon.nova-lite-v1:0"
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)


def client(name):
    return boto3.client(name, endpoint_url=ENDPOINT, region_name="us-east-1", config=ONCE)


def part(name, talk, needs=None):
    """Runs one part; one whose operation (needs) the account does not know is skipped."""
    try:
        talk()
    except ClientError as e:
        unknown = e.response["Error"]["Code"] in ("UnknownOperationException", "InvalidAction")
        if needs is None or not unknown or e.operation_name != needs:
            raise
        print(f"  skipped: {name}: the account does not know {needs} yet")
        return
    print(f"  ok: {name}")


def rejected(kind, call, **arguments):
    try:
        call(**arguments)
    except kind as e:
        return e
    raise AssertionError(f"no {kind.__name__}")


runtime, bedrock, quotas, metrics = map(client, ("bedrock-runtime", "bedrock", "service-quotas", "cloudwatch"))
HELLO = [{"role": "user", "content": [{"text": "Hello"}]}]
BODY = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [{"role": "user", "content": "Hello"}]})


def invocations():
    reply = runtime.converse(modelId=LARGE, messages=HELLO, inferenceConfig={"maxTokens": 50})
    assert reply["usage"]["inputTokens"] == 2 and reply["usage"]["outputTokens"] == 20, reply["usage"]
    for model in (LARGE, f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{LARGE}"):
        body = json.load(runtime.invoke_model(modelId=model, body=BODY)["body"])
        assert body["usage"]["output_tokens"] == 20, body
    rejected(runtime.exceptions.ValidationException, runtime.converse, modelId="anthropic.nowhere-v1:0", messages=HELLO)
    for _ in range(3):
        runtime.converse(modelId=SMALL, messages=HELLO)
    e = rejected(runtime.exceptions.ThrottlingException, runtime.converse, modelId=SMALL, messages=HELLO)
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    with urllib.request.urlopen(ENDPOINT + "/_loadline/state", timeout=10) as f:
        counted = {m["model"]: m for m in json.load(f)["models"]}[SMALL]
    assert (counted["attempts"], counted["ok"], counted["throttled"]) == (4, 3, 1), counted


def converse_stream():
    events = list(runtime.converse_stream(modelId=LARGE, messages=HELLO, inferenceConfig={"maxTokens": 50})["stream"])
    kinds = [next(iter(e)) for e in events]
    assert kinds[0] == "messageStart" and kinds[-2:] == ["messageStop", "metadata"], kinds
    assert "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e)
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 20


def invoke_stream():
    stream = runtime.invoke_model_with_response_stream(modelId=LARGE, body=BODY)["body"]
    types = [json.loads(e["chunk"]["bytes"])["type"] for e in stream]
    assert types[0] == "message_start" and types[-1] == "message_stop", types


def control_plane():
    assert len(bedrock.list_foundation_models()["modelSummaries"]) == 8
    assert bedrock.get_foundation_model(modelIdentifier=SMALL)["modelDetails"]["modelName"] == "Claude Small"
    rejected(bedrock.exceptions.ResourceNotFoundException, bedrock.get_foundation_model, modelIdentifier="anthropic.nowhere-v1:0")
    pages = list(bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(p["inferenceProfileSummaries"]) for p in pages] == [2, 1]


def service_quotas():
    pages = list(quotas.get_paginator("list_service_quotas").paginate(ServiceCode="bedrock", PaginationConfig={"PageSize": 2}))
    rows = [q for p in pages for q in p["Quotas"]]
    assert len(pages) == 3 and [q["Value"] for q in rows] == [3, 200000, 3, 4, 5], rows
    rejected(quotas.exceptions.NoSuchResourceException, quotas.list_service_quotas, ServiceCode="nowhere")


def one_quota():
    assert quotas.get_service_quota(ServiceCode="bedrock", QuotaCode="L-00000001")["Quota"]["Value"] == 3


END = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)
HOUR = {"StartTime": END - datetime.timedelta(hours=1), "EndTime": END}
METRIC = {"Namespace": "AWS/Bedrock", "MetricName": "Invocations", "Dimensions": [{"Name": "ModelId", "Value": NOVA}]}


def metric_data():
    query = {"Id": "ok", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Sum"}}
    pages = list(metrics.get_paginator("get_metric_data").paginate(MetricDataQueries=[query], MaxDatapoints=25, **HOUR))
    values = [v for p in pages for r in p["MetricDataResults"] for v in r["Values"]]
    assert len(pages) == 3 and sum(values) == 27 * 60, (len(pages), sum(values))


def metric_statistics():
    points = metrics.get_metric_statistics(Period=300, Statistics=["Sum"], **METRIC, **HOUR)["Datapoints"]
    assert len(points) == 12 and sum(p["Sum"] for p in points) == 27 * 60, points


def alarms():
    stat = {"Metric": METRIC, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": "m1", "MetricStat": stat, "ReturnData": False}, {"Id": "all", "Expression": "SUM(FILL([m1],0))", "ReturnData": True}]
    for name in ("mine", "theirs"):
        metrics.put_metric_alarm(AlarmName=name, Metrics=queries, EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=1, TreatMissingData="notBreaching",
                                 ComparisonOperator="GreaterThanThreshold", Tags=[{"Key": "owner", "Value": name}])
    found = {a["AlarmName"]: a for p in metrics.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1}) for a in p["MetricAlarms"]}
    assert sorted(found) == ["mine", "theirs"] and found["mine"]["StateValue"] in ("OK", "ALARM", "INSUFFICIENT_DATA"), found
    arn = found["mine"]["AlarmArn"]
    metrics.tag_resource(ResourceARN=arn, Tags=[{"Key": "owner", "Value": "me"}, {"Key": "stage", "Value": "test"}])
    tags = {t["Key"]: t["Value"] for t in metrics.list_tags_for_resource(ResourceARN=arn)["Tags"]}
    assert tags == {"owner": "me", "stage": "test"}, tags
    metrics.delete_alarms(AlarmNames=["mine"])
    rejected(metrics.exceptions.ResourceNotFoundException, metrics.list_tags_for_resource, ResourceARN=arn)
    assert [a["AlarmName"] for a in metrics.describe_alarms()["MetricAlarms"]] == ["theirs"]


def identity():
    assert client("sts").get_caller_identity()["Account"] == "123456789012"


part("invocations, typed exceptions, counts", invocations)
part("ConverseStream", converse_stream, "ConverseStream")
part("InvokeModelWithResponseStream", invoke_stream, "InvokeModelWithResponseStream")
part("the control plane, in pages", control_plane)
part("quotas, in pages", service_quotas)
part("one quota", one_quota, "GetServiceQuota")
part("GetMetricData, in pages", metric_data)
part("GetMetricStatistics", metric_statistics, "GetMetricStatistics")
part("alarms, their tags and states", alarms)
part("the caller", identity)

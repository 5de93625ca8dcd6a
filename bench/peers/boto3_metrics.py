"""What boto3 does in the comparison: each series of a day by the minute, with a call of get_metric_statistics for each.

Standard input has the models, the metrics and the statistics: {"models": [...], "series": [["Invocations", "Sum"], ...]}."""
import datetime, json, sys

import boto3

asked = json.load(sys.stdin)
client = boto3.client("cloudwatch")
end = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
points = calls = 0
for model in asked["models"]:
    for metric, statistic in asked["series"]:
        kind = "ExtendedStatistics" if statistic.startswith("p") else "Statistics"
        reply = client.get_metric_statistics(
            Namespace="AWS/Bedrock", MetricName=metric, Dimensions=[{"Name": "ModelId", "Value": model}],
            StartTime=end - datetime.timedelta(days=1), EndTime=end, Period=60, **{kind: [statistic]},
        )
        points += len(reply["Datapoints"])
        calls += 1
print(json.dumps({"points": points, "calls": calls}))

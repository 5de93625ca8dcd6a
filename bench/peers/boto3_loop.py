"""What boto3 does in the comparison: WORKERS threads that call one call after the other for SECONDS."""
import sys, threading, time

import boto3
from botocore.config import Config

workers, seconds = int(sys.argv[1]), float(sys.argv[2])
body = sys.stdin.read()
client = boto3.client("bedrock-runtime", config=Config(max_pool_connections=workers, retries={"total_max_attempts": 1}))
end = time.monotonic() + seconds


def loop():
    while time.monotonic() < end:
        client.invoke_model(modelId="amazon.nova-lite-v1:0", body=body, contentType="application/json")["body"].read()


threads = [threading.Thread(target=loop) for _ in range(workers)]
for t in threads:
    t.start()
for t in threads:
    t.join()

// @aws-sdk/client-cloudwatch.
import * as c from '@aws-sdk/client-cloudwatch';
import { assert, config, lastHour, nova, part, rejected, sum } from './lib.mjs';

const client = new c.CloudWatchClient(config);
const Dimensions = [{ Name: 'ModelId', Value: nova }];
const query = (Id, MetricName, Stat = 'Sum') => ({ Id, MetricStat: { Metric: { Namespace: 'AWS/Bedrock', MetricName, Dimensions }, Period: 60, Stat } });

await part('GetMetricData: an hour of traffic, to the call', null, async () => {
  const data = await client.send(new c.GetMetricDataCommand({ ...lastHour(), MetricDataQueries: [query('ok', 'Invocations'), query('refused', 'InvocationThrottles'), query('tokens', 'InputTokenCount')] }));
  const totals = Object.fromEntries(data.MetricDataResults.map((r) => [r.Id, sum(r.Values)]));
  assert.deepEqual(totals, { ok: 27 * 60, refused: 3 * 60, tokens: 27 * 200 * 60 });
  assert.ok(data.MetricDataResults.every((r) => r.StatusCode === 'Complete' && r.Timestamps.length === 60));
});

await part('pages of data', null, async () => {
  const values = [];
  let pages = 0;
  for await (const page of c.paginateGetMetricData({ client }, { ...lastHour(), MaxDatapoints: 25, MetricDataQueries: [query('ok', 'Invocations')] })) {
    pages++;
    for (const r of page.MetricDataResults) values.push(...r.Values);
  }
  assert.equal(pages, 3);
  assert.equal(sum(values), 27 * 60);
});

await part('errors', null, async () => {
  const { StartTime, EndTime } = lastHour();
  await rejected(client.send(new c.GetMetricDataCommand({ StartTime: EndTime, EndTime: StartTime, MetricDataQueries: [query('ok', 'Invocations')] })), c.CloudWatchServiceException);
});

await part('GetMetricStatistics', 'cloudwatch.GetMetricStatistics', async () => {
  const s = await client.send(new c.GetMetricStatisticsCommand({ ...lastHour(), Namespace: 'AWS/Bedrock', MetricName: 'Invocations', Dimensions, Period: 300, Statistics: ['Sum', 'SampleCount'] }));
  assert.equal(s.Datapoints.length, 12);
  assert.equal(sum(s.Datapoints.map((p) => p.Sum)), 27 * 60);
});

await part('ListMetrics', 'cloudwatch.ListMetrics', async () => {
  const list = await client.send(new c.ListMetricsCommand({ Namespace: 'AWS/Bedrock' }));
  assert.ok(list.Metrics.some((m) => m.MetricName === 'Invocations' && m.Dimensions.some((d) => d.Value === nova)));
});

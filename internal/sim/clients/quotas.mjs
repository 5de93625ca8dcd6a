// @aws-sdk/client-service-quotas.
import * as q from '@aws-sdk/client-service-quotas';
import { assert, config, part, rejected } from './lib.mjs';

const client = new q.ServiceQuotasClient(config);
const ServiceCode = 'bedrock';

await part('quotas, in pages', null, async () => {
  const first = await client.send(new q.ListServiceQuotasCommand({ ServiceCode, MaxResults: 2 }));
  assert.equal(first.Quotas.length, 2);
  const all = [];
  let pages = 0;
  for await (const page of q.paginateListServiceQuotas({ client, pageSize: 2 }, { ServiceCode })) {
    pages++;
    all.push(...page.Quotas);
  }
  assert.equal(pages, 3);
  assert.deepEqual(all.map((r) => r.QuotaCode), ['L-00000001', 'L-00000002', 'L-00000003', 'L-00000004', 'L-00000005']);
  assert.deepEqual([all[0].Value, all[0].Adjustable, all[0].ServiceCode], [3, true, 'bedrock']);
  const byDefault = await client.send(new q.ListAWSDefaultServiceQuotasCommand({ ServiceCode }));
  assert.equal(byDefault.Quotas[0].Value, 1000);
});

await part('typed exceptions', null, async () => {
  await rejected(client.send(new q.ListServiceQuotasCommand({ ServiceCode, NextToken: 'bogus' })), q.InvalidPaginationTokenException);
  await rejected(client.send(new q.ListServiceQuotasCommand({ ServiceCode: 'nowhere' })), q.NoSuchResourceException);
});

await part('one quota', 'servicequotas.GetServiceQuota', async () => {
  const one = await client.send(new q.GetServiceQuotaCommand({ ServiceCode, QuotaCode: 'L-00000001' }));
  assert.equal(one.Quota.Value, 3);
  await rejected(client.send(new q.GetServiceQuotaCommand({ ServiceCode, QuotaCode: 'L-NOWHERE1' })), q.NoSuchResourceException);
});

await part('the services', 'servicequotas.ListServices', async () => {
  const services = await client.send(new q.ListServicesCommand({}));
  assert.ok(services.Services.some((s) => s.ServiceCode === 'bedrock'));
});

await part('asking for more', 'servicequotas.RequestServiceQuotaIncrease', async () => {
  const asked = await client.send(new q.RequestServiceQuotaIncreaseCommand({ ServiceCode, QuotaCode: 'L-00000001', DesiredValue: 2000 }));
  assert.equal(asked.RequestedQuota.DesiredValue, 2000);
  assert.ok(asked.RequestedQuota.Id);
});

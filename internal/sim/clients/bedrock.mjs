// @aws-sdk/client-bedrock: the control plane.
import * as b from '@aws-sdk/client-bedrock';
import { assert, config, large, part, rejected, small } from './lib.mjs';

const client = new b.BedrockClient(config);

await part('models, and their filters', null, async () => {
  const all = await client.send(new b.ListFoundationModelsCommand({}));
  assert.equal(all.modelSummaries.length, 8);
  const amazon = await client.send(new b.ListFoundationModelsCommand({ byProvider: 'amazon', byOutputModality: 'TEXT' }));
  assert.deepEqual(amazon.modelSummaries.map((m) => m.modelName), ['Nova Lite']);
  const vectors = await client.send(new b.ListFoundationModelsCommand({ byOutputModality: 'EMBEDDING' }));
  assert.deepEqual(vectors.modelSummaries.map((m) => m.responseStreamingSupported), [false, false, false, false]);
  const one = await client.send(new b.GetFoundationModelCommand({ modelIdentifier: small }));
  assert.equal(one.modelDetails.modelArn, `arn:aws:bedrock:us-east-1::foundation-model/${small}`);
});

await part('pages of profiles', null, async () => {
  const first = await client.send(new b.ListInferenceProfilesCommand({ maxResults: 2 }));
  assert.equal(first.inferenceProfileSummaries.length, 2);
  assert.ok(first.nextToken);
  const ids = [];
  for await (const page of b.paginateListInferenceProfiles({ client, pageSize: 2 }, {})) {
    ids.push(...page.inferenceProfileSummaries.map((p) => p.inferenceProfileId));
  }
  assert.deepEqual(ids.sort(), ['eu.', 'global.', 'us.'].map((geo) => geo + large));
});

await part('typed exceptions', null, async () => {
  await rejected(client.send(new b.GetFoundationModelCommand({ modelIdentifier: 'anthropic.nowhere-v1:0' })), b.ResourceNotFoundException);
  await rejected(client.send(new b.ListInferenceProfilesCommand({ nextToken: 'bogus' })), b.ValidationException);
});

await part('one profile', 'bedrock.GetInferenceProfile', async () => {
  const p = await client.send(new b.GetInferenceProfileCommand({ inferenceProfileIdentifier: `us.${large}` }));
  assert.equal(p.type, 'SYSTEM_DEFINED');
  assert.ok(p.models.length >= 1);
  await rejected(client.send(new b.GetInferenceProfileCommand({ inferenceProfileIdentifier: 'us.anthropic.nowhere-v1:0' })), b.ResourceNotFoundException);
});

await part('availability of a model', 'bedrock.GetFoundationModelAvailability', async () => {
  const a = await client.send(new b.GetFoundationModelAvailabilityCommand({ modelId: small }));
  assert.equal(a.modelId, small);
});

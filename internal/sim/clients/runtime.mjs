// @aws-sdk/client-bedrock-runtime: invocations, over HTTP/2 as it likes it.
import * as r from '@aws-sdk/client-bedrock-runtime';
import { assert, config, counted, large, part, rejected, small } from './lib.mjs';

const client = new r.BedrockRuntimeClient(config);
const converse = (modelId, maxTokens = 50) =>
  client.send(new r.ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'Hello' }] }], inferenceConfig: { maxTokens } }));

await part('Converse', null, async () => {
  const reply = await converse(large);
  assert.equal(reply.output.message.role, 'assistant');
  assert.ok(reply.output.message.content[0].text.length > 0);
  assert.deepEqual([reply.usage.inputTokens, reply.usage.outputTokens, reply.usage.totalTokens], [2, 20, 22]);
  assert.equal(reply.stopReason, 'end_turn');
  assert.equal((await converse(large, 5)).stopReason, 'max_tokens');
});

await part('InvokeModel, by id, profile and ARN', null, async () => {
  for (const modelId of [large, `us.${large}`, `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${large}`]) {
    const reply = await client.send(new r.InvokeModelCommand({
      modelId,
      body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
    }));
    assert.equal(JSON.parse(new TextDecoder().decode(reply.body)).usage.output_tokens, 20);
  }
});

await part('typed exceptions and counts', null, async () => {
  await rejected(converse('anthropic.nowhere-v1:0'), r.ValidationException);
  for (let i = 0; i < 3; i++) await converse(small);
  const e = await rejected(converse(small), r.ThrottlingException);
  assert.equal(e.$metadata.httpStatusCode, 429);
  assert.match(e.message, /^Too many requests/);
  const c = await counted(small);
  assert.deepEqual([c.attempts, c.ok, c.throttled], [4, 3, 1]);
});

await part('CountTokens', 'bedrock-runtime.CountTokens', async () => {
  const reply = await client.send(new r.CountTokensCommand({
    modelId: large, input: { converse: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] } },
  }));
  assert.equal(reply.inputTokens, 2);
});
client.destroy();

// @aws-sdk/client-bedrock-runtime: event streams, whose CRCs it verifies.
import * as r from '@aws-sdk/client-bedrock-runtime';
import { assert, config, large, part, rejected, small } from './lib.mjs';

const client = new r.BedrockRuntimeClient(config);
const converse = (modelId, maxTokens = 50) =>
  client.send(new r.ConverseStreamCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'Hello' }] }], inferenceConfig: { maxTokens } }));

await part('ConverseStream, metadata last', 'bedrock-runtime.ConverseStream', async () => {
  const reply = await converse(large);
  const kinds = [];
  let text = '';
  let usage;
  for await (const event of reply.stream) {
    kinds.push(Object.keys(event)[0]);
    text += event.contentBlockDelta?.delta.text ?? '';
    usage = event.metadata?.usage ?? usage;
  }
  assert.equal(kinds[0], 'messageStart');
  assert.deepEqual(kinds.slice(-2), ['messageStop', 'metadata']);
  assert.ok(kinds.includes('contentBlockDelta'));
  assert.ok(text.length > 0);
  assert.deepEqual([usage.inputTokens, usage.outputTokens, usage.totalTokens], [2, 20, 22]);
});

await part('InvokeModelWithResponseStream', 'bedrock-runtime.InvokeModelWithResponseStream', async () => {
  const reply = await client.send(new r.InvokeModelWithResponseStreamCommand({
    modelId: large,
    body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
  }));
  const events = [];
  for await (const event of reply.body) events.push(JSON.parse(new TextDecoder().decode(event.chunk.bytes)));
  const types = events.map((e) => e.type);
  assert.equal(types[0], 'message_start');
  assert.equal(types.at(-1), 'message_stop');
  assert.ok(types.includes('content_block_delta'));
  assert.equal(events.at(-1)['amazon-bedrock-invocationMetrics'].outputTokenCount, 20);
});

await part('a throttled stream is an exception before the stream', 'bedrock-runtime.ConverseStream', async () => {
  for (let i = 0; i < 3; i++) {
    for await (const event of (await converse(small)).stream) assert.ok(event);
  }
  await rejected(converse(small), r.ThrottlingException);
  await rejected(converse('anthropic.nowhere-v1:0'), r.ValidationException);
});
client.destroy();

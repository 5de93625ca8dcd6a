// @anthropic-ai/bedrock-sdk.
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { BadRequestError, RateLimitError } from '@anthropic-ai/sdk';
import { assert, counted, endpoint, large, part, rejected, small } from './lib.mjs';

const client = new AnthropicBedrock({
  baseURL: endpoint, awsRegion: 'us-east-1', awsAccessKey: 'SIMULATED', awsSecretKey: 'simulated-secret', maxRetries: 0,
});
const ask = (model, more = {}) => client.messages.create({ model, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }], ...more });

await part('messages', null, async () => {
  const reply = await ask(large);
  assert.deepEqual([reply.role, reply.stop_reason, reply.usage.input_tokens, reply.usage.output_tokens], ['assistant', 'end_turn', 2, 20]);
  assert.ok(reply.content[0].text.length > 0);
});

await part('errors and counts', null, async () => {
  for (let i = 0; i < 3; i++) await ask(small);
  const e = await rejected(ask(small), RateLimitError);
  assert.equal(e.status, 429);
  assert.equal((await rejected(ask('anthropic.nowhere-v1:0'), BadRequestError)).status, 400);
  const c = await counted(small);
  assert.deepEqual([c.attempts, c.ok, c.throttled], [4, 3, 1]);
});

await part('a stream', 'bedrock-runtime.InvokeModelWithResponseStream', async () => {
  const types = [];
  let text = '';
  for await (const event of await ask(large, { stream: true })) {
    types.push(event.type);
    text += event.delta?.text ?? '';
  }
  assert.deepEqual([types[0], types.at(-1)], ['message_start', 'message_stop']);
  assert.ok(text.length > 0);
});

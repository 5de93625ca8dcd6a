// @ai-sdk/amazon-bedrock, below the functions of ai.
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { APICallError, embed, experimental_generateImage as generateImage, generateText, streamText } from 'ai';
import { assert, counted, endpoint, large, part, small } from './lib.mjs';

const bedrock = createAmazonBedrock({ baseURL: endpoint, region: 'us-east-1', accessKeyId: 'SIMULATED', secretAccessKey: 'simulated-secret' });
const ask = (model) => generateText({ model: bedrock(model), prompt: 'Hello', maxOutputTokens: 50, maxRetries: 0 });
const status = async (promise) => {
  try {
    await promise;
  } catch (e) {
    assert.ok(APICallError.isInstance(e), `${e.name}: ${e.message}`);
    return e.statusCode;
  }
  return 200;
};

await part('generateText', null, async () => {
  const reply = await ask(large);
  assert.ok(reply.text.length > 0);
  assert.deepEqual([reply.finishReason, reply.usage.inputTokens, reply.usage.outputTokens], ['stop', 2, 20]);
});

await part('errors and counts', null, async () => {
  for (let i = 0; i < 3; i++) assert.equal(await status(ask(small)), 200);
  assert.equal(await status(ask(small)), 429);
  assert.equal(await status(ask('anthropic.nowhere-v1:0')), 400);
  const c = await counted(small);
  assert.deepEqual([c.attempts, c.ok, c.throttled], [4, 3, 1]);
});

await part('streamText', 'bedrock-runtime.ConverseStream', async () => {
  const result = streamText({ model: bedrock(large), prompt: 'Hello', maxOutputTokens: 50, maxRetries: 0 });
  let text = '';
  for await (const piece of result.textStream) text += piece;
  assert.ok(text.length > 0);
  assert.equal(await result.finishReason, 'stop');
  assert.equal((await result.usage).outputTokens, 20);
});

// What the client checks of the replies is the shapes of their families.
await part('embeddings', null, async () => {
  for (const [id, dimensions] of [['amazon.titan-embed-text-v2:0', 1024], ['amazon.nova-2-multimodal-embeddings-v1:0', 1024], ['cohere.embed-english-v3', 1024], ['cohere.embed-v4:0', 1536]]) {
    const reply = await embed({ model: bedrock.embedding(id), value: 'hello there', maxRetries: 0 });
    assert.equal(reply.embedding.length, dimensions, id);
    if (id.includes('titan')) assert.equal(reply.usage.tokens, 3);
    assert.equal((await counted(id)).input_tokens, 3, id);
  }
});

await part('images', null, async () => {
  const reply = await generateImage({ model: bedrock.image('amazon.nova-canvas-v1:0'), prompt: 'a ship', n: 2, size: '512x512', maxRetries: 0 });
  assert.equal(reply.images.length, 2);
  assert.equal(reply.images[0].mediaType, 'image/png');
  assert.equal((await counted('amazon.nova-canvas-v1:0')).output_images, 2);
});

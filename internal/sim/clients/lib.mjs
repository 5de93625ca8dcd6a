// What the scripts share. An endpoint is given in AWS_ENDPOINT_URL.
import assert from 'node:assert/strict';

export { assert };
export const endpoint = process.env.AWS_ENDPOINT_URL;
assert.match(endpoint ?? '', /^http:\/\/127\.0\.0\.1:\d+$/, 'AWS_ENDPOINT_URL names a simulated account');

export const small = 'anthropic.claude-small-v1:0'; // three requests a minute
export const large = 'anthropic.claude-large-v1:0';
export const nova = 'amazon.nova-lite-v1:0';

/** A configuration of any AWS client: no retries, since a throttle is what is asked for. */
export const config = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'SIMULATED', secretAccessKey: 'simulated-secret' },
  maxAttempts: 1,
};

const probes = {
  'bedrock-runtime': (op) => ['POST', { ConverseStream: '/model/probe/converse-stream', InvokeModelWithResponseStream: '/model/probe/invoke-with-response-stream', CountTokens: '/model/probe/count-tokens' }[op], {}],
  bedrock: (op) => ['GET', { GetInferenceProfile: '/inference-profiles/probe', GetProvisionedModelThroughput: '/provisioned-model-throughput/probe', GetFoundationModelAvailability: '/foundation-model-availability/probe' }[op], {}],
  servicequotas: (op) => ['POST', '/', { 'X-Amz-Target': `ServiceQuotasV20190624.${op}`, 'Content-Type': 'application/x-amz-json-1.1' }],
  cloudwatch: (op) => ['POST', '/', { 'X-Amz-Target': `GraniteServiceVersion20100801.${op}`, 'Content-Type': 'application/x-amz-json-1.0' }],
};

const known = new Map();

/** Whether the account knows "service.Operation"; asked once. */
async function knows(operation) {
  if (!known.has(operation)) {
    const [service, op] = operation.split('.');
    const [method, path, headers] = probes[service](op);
    assert.ok(path, `lib.mjs has no probe for ${operation}`);
    const reply = await fetch(endpoint + path, { method, headers, body: method === 'GET' ? undefined : '{}' });
    known.set(operation, !(await reply.text()).includes('UnknownOperation') && !(reply.headers.get('x-amzn-errortype') ?? '').includes('UnknownOperation'));
  }
  return known.get(operation);
}

/** Runs one part of a conversation; needs names an operation that an account may not have. */
export async function part(name, needs, talk) {
  if (needs && !(await knows(needs))) {
    console.log(`  skipped: ${name}: the account does not know ${needs.split('.')[1]} yet`);
    return;
  }
  await talk();
  console.log(`  ok: ${name}`);
}

/** The error that a promise is rejected with; its name is the exception's type. */
export async function rejected(promise, type) {
  try {
    await promise;
  } catch (e) {
    if (typeof type === 'string') {
      assert.equal(e.name, type, `${e.name}: ${e.message}`);
    } else {
      assert.ok(e instanceof type, `${e.name} is no ${type.name}: ${e.message}`);
    }
    return e;
  }
  assert.fail(`no ${typeof type === 'string' ? type : type.name}`);
}

/** What the account has counted of a model. */
export async function counted(model) {
  const state = await (await fetch(`${endpoint}/_loadline/state`)).json();
  return state.models.find((m) => m.model === model);
}

/** The hour that ended five minutes ago, in whole minutes. */
export function lastHour() {
  const end = Math.floor(Date.now() / 60000) * 60000 - 5 * 60000;
  return { StartTime: new Date(end - 3600000), EndTime: new Date(end) };
}

export const sum = (values) => values.reduce((a, b) => a + b, 0);

// The JUnit files of ../testdata, read by parsers that are not ours: what they
// find has to be what run.json says.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'junit2json'
import parser from 'test-results-parser'

const here = name => new URL(`../testdata/${name}`, import.meta.url).pathname
const text = value => [value].flat().map(v => v?.inner ?? v).join('')

// wanted are the cases of a run, as the rules of our reports have them.
function wanted(run) {
  const state = a => {
    if (a.verdict === 'pass') return 'passed'
    if (a.verdict === 'skipped') return 'skipped'
    if (a.severity === 'warn') return 'passed' // told, and no failure
    return a.verdict === 'fail' ? 'failed' : 'error'
  }
  const states = run.assertions.map(state)
  if (run.aborted || run.problem) states.unshift('error')
  else if (states.length === 0) states.unshift('passed')
  return states
}

const stateOf = c => c.failure ? 'failed' : c.error ? 'error' : c.skipped ? 'skipped' : 'passed'
const count = (states, ...of) => states.filter(s => of.includes(s)).length

for (const fixture of ['typical', 'hostile', 'empty', 'aborted']) {
  const run = JSON.parse(readFileSync(here(`${fixture}.run.json`)))
  const states = wanted(run)
  for (const dialect of ['junit', 'junit-strict']) {
    const file = here(`${fixture}.${dialect}.xml`)

    const { testsuite: [suite] } = await parse(readFileSync(file))
    assert.deepEqual(suite.testcase.map(stateOf), states, `${file}: the states of the cases`)
    for (const [attribute, n] of Object.entries({ tests: states.length, failures: count(states, 'failed'), errors: count(states, 'error'), skipped: count(states, 'skipped') })) {
      assert.equal(Number(suite[attribute]), n, `${file}: ${attribute}`)
    }
    const properties = Object.fromEntries([suite.properties].flat().flatMap(p => p.property ?? p).map(p => [p.name, p.value]))
    for (const [step, totals] of Object.entries(run.totals)) {
      if (`${step}.load.sent` in properties) assert.equal(Number(properties[`${step}.throttle_rate`] ?? NaN), totals.throttle_rate ?? NaN, `${file}: the throttle rate of ${step}`)
    }
    for (const c of suite.testcase) {
      for (const told of [c.failure, c.error].flat().filter(Boolean)) assert.ok(told.message && text(told).startsWith(told.message), `${file}: the body of ${c.name} begins with its message`)
    }

    const { result } = parser.parseV2({ type: 'junit', files: [file] })
    assert.equal(result.total, states.length - count(states, 'skipped'), `${file}: total`) // it leaves out what is skipped
    assert.equal(result.failed + result.errors, count(states, 'failed', 'error'), `${file}: failed`)
    assert.equal(result.passed, count(states, 'passed'), `${file}: passed`)
    assert.equal(result.skipped, count(states, 'skipped'), `${file}: skipped`)
    console.log(`  ${fixture}, ${dialect}: ${states.length} cases`)
  }
}

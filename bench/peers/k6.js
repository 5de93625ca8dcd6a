// What k6 does in the comparison: one unsigned POST an iteration. All else
// comes from the environment.
import http from 'k6/http';

const scenario = JSON.parse(__ENV.SCENARIO);
export const options = { scenarios: { load: scenario }, summaryTrendStats: ['p(50)', 'p(90)', 'p(99)'], noConnectionReuse: false };
const headers = { headers: { 'Content-Type': 'application/json' }, timeout: '120s' };

export default function () {
  http.post(__ENV.TARGET, __ENV.BODY, headers);
}

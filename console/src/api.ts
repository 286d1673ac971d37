import type {Problem} from './types';

const kPrefix = '/api/v1';

/** An answer that was no success; its message is what the server says, for the user to read. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

async function failure(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
  if (!isProblem) return new ApiError(response.status, `${response.status} ${response.statusText}`);
  const problem = (await response.json()) as Problem;
  const faults = problem.errors?.length ? `: ${problem.errors.join('; ')}` : '';
  return new ApiError(response.status, problem.detail + faults);
}

export async function get<T>(token: string, path: string): Promise<T> {
  const response = await fetch(kPrefix + path, {headers: {Authorization: `Bearer ${token}`}});
  if (!response.ok) throw await failure(response);
  return (await response.json()) as T;
}

export async function post<T>(token: string, path: string, body: unknown): Promise<{status: number; body: T}> {
  const response = await fetch(kPrefix + path, {
    method: 'POST',
    headers: {Authorization: `Bearer ${token}`, 'Content-Type': 'application/json'},
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await failure(response);
  return {status: response.status, body: (await response.json()) as T};
}

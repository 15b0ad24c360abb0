// Compiles the route templates of HTTP functions (ASP.NET Core syntax, as Azure Functions uses it) and picks the one for a path.

/** A template ready for matching. */
export interface Route {
  readonly template: string;
  /** Parameters of a path (without leading slash, still URL-encoded); undefined when it does not fit. */
  readonly match: (path: string) => Readonly<Record<string, string>> | undefined;
  /** Sorts before (negative) the routes it must win against. */
  readonly weight: readonly number[];
}

interface Segment {
  readonly pattern: string;
  readonly weight: number;
  /** The group may be missing with its slash. */
  readonly optional: boolean;
  readonly names: readonly string[];
  readonly defaults: Readonly<Record<string, string>>;
  readonly checks: readonly { readonly name: string; readonly check: (value: string) => boolean }[];
}

/**
 * Compiles a template such as `companies/{company}/users/{id:guid?}` or `files/{*rest}`. Case-insensitive.
 * @throws Error naming the template when a constraint is unknown.
 */
export function compileRoute(template: string): Route {
  const segments = template
    .split('/')
    .filter((part) => part !== '')
    .map((part) => compileSegment(part, template));
  const pattern = segments.map((segment, index) => {
    const slash = index === 0 ? '' : '/';
    return segment.optional ? `(?:${slash}${segment.pattern})?` : `${slash}${segment.pattern}`;
  });
  const expression = new RegExp(`^${pattern.join('')}$`, 'i');
  const names = segments.flatMap((segment) => segment.names);
  const defaults = Object.assign({}, ...segments.map((segment) => segment.defaults)) as Record<string, string>;
  const checks = segments.flatMap((segment) => segment.checks);
  return {
    template,
    weight: segments.map((segment) => segment.weight),
    match: (path) => {
      const found = expression.exec(path);
      if (found === null) return undefined;
      const params: Record<string, string> = { ...defaults };
      for (const [index, name] of names.entries()) {
        const value = found[index + 1];
        if (value !== undefined && value !== '') params[name] = decode(value);
      }
      const fits = checks.every(({ name, check }) => params[name] === undefined || check(params[name]));
      return fits ? params : undefined;
    },
  };
}

/** Orders routes so that literal segments win over constrained ones, those over plain parameters, and catch-alls come last. */
export function compareRoutes(one: Route, other: Route): number {
  for (let index = 0; index < Math.max(one.weight.length, other.weight.length); index += 1) {
    const difference = (one.weight[index] ?? -1) - (other.weight[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

const weights = { literal: 0, mixed: 1, constrained: 2, parameter: 3, catchAll: 4 } as const;

function compileSegment(part: string, template: string): Segment {
  const names: string[] = [];
  const defaults: Record<string, string> = {};
  const checks: { name: string; check: (value: string) => boolean }[] = [];
  let catchAll = false;
  let optional = false;
  let literal = '';
  const pattern = part.replaceAll(/\{((?:[^{}]|\{[^{}]*\})+)\}|[^{]+/g, (text, inside: string | undefined) => {
    if (inside === undefined) {
      literal += text;
      return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    }
    const [, stars = '', name = '', rest = ''] = /^(\*{0,2})([^:=?*]+)(.*)$/s.exec(inside) ?? [];
    const { constraints, fallback, isOptional } = readParameter(rest);
    names.push(name);
    for (const constraint of constraints) checks.push({ name, check: constraintOf(constraint, template) });
    if (fallback !== undefined) defaults[name] = fallback;
    optional ||= isOptional || fallback !== undefined;
    if (stars === '') return optional ? '([^/]*)' : '([^/]+)';
    catchAll = true;
    optional = true;
    return '(.*)';
  });
  const plain = checks.length === 0 ? weights.parameter : weights.constrained;
  const weight = names.length === 0 ? weights.literal : catchAll ? weights.catchAll : literal === '' ? plain : weights.mixed;
  return { pattern, weight, optional, names, defaults, checks };
}

function readParameter(rest: string): { constraints: readonly string[]; fallback: string | undefined; isOptional: boolean } {
  const isOptional = rest.endsWith('?');
  const [constraintText = '', ...fallback] = (isOptional ? rest.slice(0, -1) : rest).split('=');
  const constraints = constraintText.match(/:[a-z]+(?:\((?:[^()]|\([^()]*\))*\))?/gi) ?? [];
  return {
    constraints: constraints.map((text) => text.slice(1)),
    fallback: fallback.length === 0 ? undefined : fallback.join('='),
    isOptional,
  };
}

/** The constraints of ASP.NET Core that make sense in a URL of ours. */
function constraintOf(text: string, template: string): (value: string) => boolean {
  const [, kind = '', parameters = ''] = /^([a-z]+)(?:\((.*)\))?$/i.exec(text) ?? [];
  const [first = Number.NaN, second = first] = parameters.split(',').map(Number);
  const whole = (value: string) => /^[+-]?\d+$/.test(value);
  switch (kind.toLowerCase()) {
    case 'int':
      return (value) => whole(value) && Math.abs(Number(value)) < 2 ** 31;
    case 'long':
      return whole;
    case 'guid':
      return (value) => /^\{?[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}\}?$/i.test(value);
    case 'bool':
      return (value) => /^(?:true|false)$/i.test(value);
    case 'alpha':
      return (value) => /^[a-z]*$/i.test(value);
    case 'decimal':
    case 'double':
    case 'float':
      return (value) => value !== '' && Number.isFinite(Number(value));
    case 'datetime':
      return (value) => !Number.isNaN(Date.parse(value));
    case 'length':
      return (value) => value.length >= first && value.length <= second;
    case 'minlength':
      return (value) => value.length >= first;
    case 'maxlength':
      return (value) => value.length <= first;
    case 'min':
      return (value) => whole(value) && Number(value) >= first;
    case 'max':
      return (value) => whole(value) && Number(value) <= first;
    case 'range':
      return (value) => whole(value) && Number(value) >= first && Number(value) <= second;
    case 'regex': {
      const expression = new RegExp(parameters, 'i');
      return (value) => expression.test(value);
    }
    default:
      throw new Error(`The route "${template}" uses the unknown constraint "${text}".`);
  }
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

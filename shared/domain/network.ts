// From which network a request comes, for counting what strangers try. A line has one IPv4 address and 2^64 IPv6 addresses, so that these
// count together.

const ipv6Groups = 8;
/** RFC 6177: a site gets a /64 at least. */
const networkGroups = 4;

const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
const shortest = (group: string) => group.toLowerCase().replace(/^0+(?=.)/, '');

/**
 * The network of an address as front ends write it, with or without a port.
 * @returns an IPv4 address, the first half of an IPv6 address, or the text itself where it is neither
 */
export function networkOf(text: string): string {
  const address = /^\[([^\]]*)\]/.exec(text)?.[1] ?? text.replace(/^([^:]*):\d+$/, '$1');
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [before = '', after] = address.split('::');
  const [first, last] = [groupsOf(before), groupsOf(after ?? '')];
  const zeros = after === undefined ? 0 : Math.max(0, ipv6Groups - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, networkGroups).map(shortest).join(':')}::/64`;
}

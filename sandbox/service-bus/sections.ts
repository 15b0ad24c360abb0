// Splits an encoded AMQP message into its sections without decoding them, so that a body passes through byte for byte.

import { type TypedValue, types } from './rhea-internals.ts';

/** Descriptor codes of the sections, AMQP 1.0 part 3 section 3.2. */
export const sectionCode = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
} as const;

/** One section: its descriptor code and its bytes, descriptor included. */
export interface Section {
  readonly code: number;
  readonly bytes: Buffer;
}

/** Width of a fixed-size value, by the high nibble of its format code (AMQP 1.0 part 1 section 1.2). */
const fixedWidth = new Map([
  [0x4, 0],
  [0x5, 1],
  [0x6, 2],
  [0x7, 4],
  [0x8, 8],
  [0x9, 16],
]);

function endOfValue(buffer: Buffer, start: number): number {
  const formatCode = buffer.readUInt8(start);
  if (formatCode === 0) return endOfValue(buffer, endOfValue(buffer, start + 1));
  const category = formatCode >> 4;
  const width = fixedWidth.get(category);
  if (width !== undefined) return start + 1 + width;
  // Categories with an even number (A, C, E) carry a one-byte size, the others four bytes.
  return category % 2 === 0 ? start + 2 + buffer.readUInt8(start + 1) : start + 5 + buffer.readUInt32BE(start + 1);
}

function readDescriptor(buffer: Buffer, start: number): number {
  const formatCode = buffer.readUInt8(start);
  if (formatCode === 0x53) return buffer.readUInt8(start + 1);
  if (formatCode === 0x80) return Number(buffer.readBigUInt64BE(start + 1));
  throw new RangeError('A message section has a descriptor of an unknown form.');
}

/**
 * Splits an encoded message.
 * @throws RangeError when the bytes are not an AMQP message.
 */
export function splitSections(content: Buffer): readonly Section[] {
  const sections: Section[] = [];
  for (let start = 0; start < content.length; ) {
    if (content.readUInt8(start) !== 0) throw new RangeError('A message section does not begin with a descriptor.');
    const end = endOfValue(content, start);
    if (end > content.length) throw new RangeError('A message section is cut off.');
    sections.push({ code: readDescriptor(content, start + 1), bytes: content.subarray(start, end) });
    start = end;
  }
  return sections;
}

/** Decodes a section's value: items of a list, or keys and values of a map in turn; empty without a section. */
export function readItems(section: Section | undefined): readonly TypedValue[] {
  if (section === undefined) return [];
  return new types.Reader(section.bytes).read().value as readonly TypedValue[];
}

/** Decodes the bytes of a data section. */
export function readData(section: Section): Buffer {
  return new types.Reader(section.bytes).read().value as Buffer;
}

/** Encodes a value as a section. */
export function writeSection(code: number, value: TypedValue): Buffer {
  const writer = new types.Writer();
  writer.write(types.described(types.wrap_ulong(code), value));
  return writer.toBuffer();
}

// A binary min-heap: queues need "the lowest sequence number" and "the next thing due" without sorting again after every change.

/** A heap whose `peek` and `pop` give the item that `isBefore` puts first; undefined when empty. */
export interface Heap<Item> {
  readonly push: (item: Item) => void;
  readonly peek: () => Item | undefined;
  readonly pop: () => Item | undefined;
}

/** Makes an empty heap. Pushing and popping take logarithmic time. */
export function makeHeap<Item extends object | number>(isBefore: (left: Item, right: Item) => boolean): Heap<Item> {
  const items: Item[] = [];

  const siftUp = (item: Item): void => {
    let index = items.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || !isBefore(item, parent)) break;
      items[index] = parent;
      index = parentIndex;
    }
    items[index] = item;
  };

  const siftDown = (item: Item): void => {
    let index = 0;
    for (;;) {
      const left = items[2 * index + 1];
      const right = items[2 * index + 2];
      const rightIsFirst = left !== undefined && right !== undefined && isBefore(right, left);
      const child = rightIsFirst ? right : left;
      if (child === undefined || !isBefore(child, item)) break;
      items[index] = child;
      index = 2 * index + (rightIsFirst ? 2 : 1);
    }
    items[index] = item;
  };

  return {
    push: siftUp,
    peek: () => items[0],
    pop: () => {
      const first = items[0];
      const last = items.pop();
      if (last !== undefined && items.length > 0) siftDown(last);
      return first;
    },
  };
}

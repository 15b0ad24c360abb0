// The people below a manager: own reports, or the whole tree where a company wants it so. Directories hold circles, and people who report
// to themselves; nobody is met twice.

export interface Member {
  readonly objectId: string;
  /** Whom this person reports to. */
  readonly managerId: string;
  /** 1 for own reports. */
  readonly depth: number;
}

/** A walk down the tree, level by level. */
export interface TreeWalk {
  readonly rootId: string;
  readonly members: ReadonlyMap<string, Member>;
  /** Whose reports are asked for next. */
  readonly open: readonly string[];
  readonly depth: number;
}

/** No company is deeper; a chain that goes on is a mistake in the directory. */
const deepest = 30;

export const startWalk = (rootId: string): TreeWalk => ({ rootId, members: new Map(), open: [rootId], depth: 0 });

/** Goes one level down. @param reports of everybody in `open`, by manager */
export function descend(walk: TreeWalk, reports: ReadonlyMap<string, readonly string[]>): TreeWalk {
  const depth = walk.depth + 1;
  const members = new Map(walk.members);
  const found: string[] = [];
  for (const managerId of walk.open) {
    for (const objectId of reports.get(managerId) ?? []) {
      if (objectId === walk.rootId || members.has(objectId)) continue;
      members.set(objectId, { objectId, managerId, depth });
      found.push(objectId);
    }
  }
  return { ...walk, members, open: depth < deepest ? found : [], depth };
}

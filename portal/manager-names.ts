// Names of managers for the rows of a list: the API gives their ids, so each one not on the page is asked for once.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from './api.ts';
import { api } from './browser.ts';

/** `null`: the manager is not on this company's list. */
export type ManagerNames = ReadonlyMap<string, string | null>;

const atOnce = 6;

export function useManagerNames(companyId: string, users: readonly User[]): ManagerNames {
  const [names, setNames] = useState<ManagerNames>(new Map());
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const onPage = new Map(users.map((user) => [user.userId, user.displayName]));
    const wanted = [...new Set(users.map((user) => user.managerId).filter((id) => id !== null))].filter((id) => !asked.current.has(id));
    for (const id of wanted) asked.current.add(id);
    const ask = async (id: string): Promise<readonly [string, string | null]> => {
      const known = onPage.get(id);
      if (known !== undefined) return [id, known];
      try {
        return [id, (await api.user(companyId, id)).displayName];
      } catch {
        return [id, null];
      }
    };
    const askAll = async () => {
      for (let start = 0; start < wanted.length; start += atOnce) {
        const found = await Promise.all(wanted.slice(start, start + atOnce).map(ask));
        setNames((before) => new Map([...before, ...found]));
      }
    };
    void askAll();
  }, [users]);
  return names;
}

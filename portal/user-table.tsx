// The table of a list: its columns, selecting all that are shown, and its rows.
import type { UserStatus } from '../shared/domain/user-lists.ts';
import { useCompany } from './company-context.ts';
import { useManagerNames } from './manager-names.ts';
import type { UserList } from './user-list.ts';
import { type RowActions, UserRow } from './user-row.tsx';
import { sectionWords } from './words.ts';

interface Props {
  readonly status: UserStatus;
  readonly list: UserList;
  readonly actions: RowActions;
  readonly onSelect: (userIds: readonly string[]) => void;
}

export function UserTable({ status, list, actions, onSelect }: Props) {
  const { company, mayChange } = useCompany();
  const names = useManagerNames(company.companyId, list.users);
  const isPending = status === 'pending';
  const canChange = mayChange === true;
  const columns = [
    'Name',
    'Kind',
    'Department',
    'Manager',
    isPending ? 'Suggestion' : 'Decided by',
    isPending ? 'Arrived' : status === 'removed' ? 'Removed' : 'Decided',
  ];
  const all = list.users.length > 0 && list.users.every(({ userId }) => list.selected.has(userId));
  const some = list.selected.size > 0 && !all;
  return (
    <table role="table" class="users" aria-label={sectionWords[status]} aria-busy={list.phase === 'reading'}>
      <thead role="rowgroup">
        <tr role="row">
          {canChange ? (
            <th role="columnheader" scope="col" class="pick">
              <input
                type="checkbox"
                aria-label="Select all shown"
                checked={all}
                indeterminate={some}
                onChange={() => onSelect(all ? [] : list.users.map(({ userId }) => userId))}
              />
            </th>
          ) : null}
          {columns.map((column) => (
            <th role="columnheader" key={column} scope="col">
              {column}
            </th>
          ))}
          {canChange ? (
            <th role="columnheader" scope="col">
              <span class="unseen">Decide</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {list.users.map((user) => (
          <UserRow
            key={user.userId}
            user={user}
            isPending={isPending}
            managerName={user.managerId === null ? null : names.get(user.managerId)}
            selected={list.selected.has(user.userId)}
            busy={list.busy.has(user.userId)}
            note={list.notes.get(user.userId)}
            mayChange={canChange}
            actions={actions}
          />
        ))}
      </tbody>
    </table>
  );
}

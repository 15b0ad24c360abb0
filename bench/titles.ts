// What each scenario is called in tables.

export const scenarioTitles: Readonly<Record<string, string>> = {
  bundle: 'Loading the bundle',
  bare: 'Bare drain',
  first: 'First sync, delta chain',
  partitioned: 'First sync, partitioned',
  full: 'Full round without changes',
  bareRequest: 'Bare request',
  changes: 'Round',
  roundRequests: 'Storage requests of a round',
  memory: 'Peak memory of the app',
  backstage: 'Backstage’s reader',
  floor: 'Write floor',
  manyFloor: 'Write floor, 200 partitions',
  approve: 'Bulk approval',
  approveFloor: 'Write floor of an approval',
  list: 'List page',
  many: 'Companies at once',
  fleet: 'Fleet at once',
  fleetThrottled: 'Fleet, those throttled',
  mail: 'Mails that waited',
  naive: 'Naive sync',
};

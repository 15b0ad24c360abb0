// The ordinary employees of a seeded company: an endless, reproducible supply of people with departments, phones and places in the organisation chart.
import { licencesOf, skus } from './accounts.ts';
import type { UserFields } from './directory-object.ts';
import { departments, givenNames, offices, plainName, surnames, titles } from './names.ts';
import { chance, makePermutation, mix, pick } from './random.ts';

const plainGiven = givenNames.map(plainName);
const plainSurnames = surnames.map(plainName);
const business = licencesOf(skus.business);
const enterprise = licencesOf(skus.enterprise, skus.exchange);
const unlicensed = licencesOf();
const combinations = givenNames.length * surnames.length;

/** What distinguishes one employee from the next. */
interface PersonPlace {
  readonly id: string;
  readonly number: number;
  /** 0 is the head of the company. */
  readonly level: number;
  /** What sets some apart: sign-in blocked, no licence, a cleared job title. */
  readonly enabled: boolean;
  readonly licensed: boolean;
  readonly titled: boolean;
}

/** Makes employees by number; no two numbers share a user principal name. */
export interface People {
  readonly fields: (place: PersonPlace) => UserFields;
  readonly displayName: (number: number) => string;
  readonly userPrincipalName: (number: number) => string;
}

/** Opens the supply of people for one company. */
export function makePeople(options: { readonly domain: string; readonly companyName: string; readonly seed: number }): People {
  const { domain, companyName, seed } = options;
  const order = makePermutation(combinations, seed);
  const name = (number: number) => {
    const combination = order.at(number % combinations);
    const repeat = Math.floor(number / combinations);
    const first = combination % givenNames.length;
    const last = Math.floor(combination / givenNames.length);
    return { first, last, alias: `${plainGiven[first] ?? ''}.${plainSurnames[last] ?? ''}${repeat === 0 ? '' : String(repeat + 1)}` };
  };

  const fields = ({ id, number, level, enabled, licensed, titled }: PersonPlace): UserFields => {
    const { first, last, alias } = name(number);
    const given = givenNames[first] ?? '';
    const surname = surnames[last] ?? '';
    const office = pick(offices, seed, number);
    const department = level === 0 ? 'Management' : pick(departments, seed + 1, number);
    const address = `${alias}@${domain}`;
    const digits = mix(seed + 2, number);
    const synced = chance(seed + 3, number) < 0.6;
    return {
      id,
      accountEnabled: enabled,
      assignedLicenses: licensed ? (chance(seed + 4, number) < 0.7 ? business : enterprise) : unlicensed,
      businessPhones: [`${office.dial} 555 ${String(digits % 10_000).padStart(4, '0')}`],
      city: office.city,
      companyName,
      country: office.country,
      createdDateTime: createdAt(seed, number),
      department,
      displayName: `${given} ${surname}`,
      employeeId: String(100_000 + number),
      employeeType: chance(seed + 5, number) < 0.9 ? 'Employee' : 'Contractor',
      givenName: given,
      jobTitle: titled ? pick(titles[Math.min(level, titles.length - 1)] ?? [], seed + 6, number) : null,
      mail: address,
      mailNickname: alias,
      mobilePhone: chance(seed + 7, number) < 0.7 ? `${office.dial} 556 ${String((digits >>> 14) % 10_000).padStart(4, '0')}` : undefined,
      officeLocation: `${office.code}-${1 + (digits % 40)}`,
      onPremisesSyncEnabled: synced ? true : undefined,
      onPremisesSamAccountName: synced ? alias.slice(0, 20) : undefined,
      preferredLanguage: office.language,
      proxyAddresses: [`SMTP:${address}`],
      surname,
      usageLocation: office.code,
      userPrincipalName: address,
      userType: 'Member',
    };
  };
  return {
    fields,
    displayName: (number) => `${givenNames[name(number).first] ?? ''} ${surnames[name(number).last] ?? ''}`,
    userPrincipalName: (number) => `${name(number).alias}@${domain}`,
  };
}

const days = Array.from({ length: 3_600 }, (_, day) => `${new Date(Date.UTC(2015, 0, 1) + day * 86_400_000).toISOString().slice(0, 19)}Z`);

/** A day between 2015 and 2024 on which the account was made. */
export function createdAt(seed: number, number: number): string {
  return pick(days, seed + 8, number);
}

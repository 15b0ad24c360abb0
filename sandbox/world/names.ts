// The vocabulary of the seeded companies: names that exercise apostrophes, hyphens and non-ASCII letters, and the words of an organisation chart.

export const givenNames: readonly string[] = (
  'Ada Adele Ahmed Aiko Alan Alma Amara Anders Andrea Anja Antoine Åsa Astrid Beatriz Björn Bogdan Bruno Camille Carlos Cecilia Chidi Chloé Clara ' +
  'Dagmar Daniel Dario Deepa Diego Dina Dmitri Ebba Edith Elena Elif Emeka Émile Emma Enrique Erik Esther Fatima Felix Femke Fiona Florian Frida ' +
  'Gabriel Gesa Giulia Grace Greta Gustav Hana Hanne Hassan Helena Henrik Hiro Ibrahim Ida Ilse Imran Inès Ingrid Irina Isaac Ivan Jakob Jana Jasper ' +
  'Joana João Johanna Jonas Jörg Julia Kai Karim Karin Katya Kenji Kofi Lars Laura Leila Lena Léo Lin Linnea Luca Łukasz Magda Maja Malik Marco María ' +
  'Marta Mateo Matti Mei Mia Mikkel Milena Mina Mohamed Nadia Naomi Nikolai Nils Nina Noor Nuno Olga Omar Oskar Otto Paula Pavel Per Petra Pia Priya ' +
  'Quentin Rafael Rania Renée Ricardo Rosa Ruth Samira Sami Sara Selma Sergio Siobhán Sofia Søren Stefan Stella Sven Tamar Tariq Tessa Theo Thérèse Tomás ' +
  'Uma Ursula Valentina Vera Viktor Wanda Wei Willem Xavier Yara Yusuf Zara Zoë Zofia'
).split(' ');

export const surnames: readonly string[] = (
  'Abebe Ackermann Adams Ali Almeida Andersson Antonov Baker Banerjee Barbosa Bauer Becker Bell Berg Bianchi Blanc Bondarenko Braun Brown Çelik Chen ' +
  'Clark Conti Costa Dahl D’Angelo Davies De-Vries Delgado Demir Díaz Dubois Duarte Eriksen Esposito Evans Falk Farkas Fernández Ferrari Fischer Fontaine ' +
  'Fournier Fuchs Gallo García Gomes González Graf Greco Green Gruber Guerrero Haas Hall Hansen Hartmann Hassan Hernández Hoffmann Horváth Huber Hughes ' +
  'Ibrahim Ivanov Jansen Janssen Jensen Johansson Jones Kaya Kelly Khan Kim Klein Koch Kovács Kowalski Kraus Kumar Lang Larsen Le-Goff Lee Lehmann Lewis ' +
  'Lindqvist López Lund Maier Marino Martin Martínez Meyer Moreau Morris Müller Murphy Nagy Nakamura Nguyen Nielsen Nilsson Novák Nowak O’Brien O’Connor ' +
  'Okafor Oliveira Olsen Öztürk Park Patel Pereira Petrov Popescu Ramos Ricci Richter Rivera Roberts Rossi Roux Ruiz Russo Saito Sánchez Santos Sato ' +
  'Schäfer Schmidt Schneider Schröder Schulz Schwarz Silva Singh Smith Sokolov Sousa Stein Suzuki Svensson Taylor Thomas Torres Tóth Tran Ünal Van-Dijk ' +
  'Varga Vogel Wagner Walker Wang Weber Weiß White Williams Winkler Wolf Wood Wright Wu Yamada Yang Yılmaz Young Zhang Ziegler Zimmermann'
)
  .split(' ')
  .map((name) => name.replace('’', "'"));

export const departments: readonly string[] = [
  'Sales',
  'Marketing',
  'Finance',
  'Operations',
  'Human Resources',
  'IT',
  'Legal',
  'Procurement',
  'Customer Care',
  'Quality',
  'Research & Development',
  'Logistics',
];

/** Job titles from the top of the organisation chart downwards. */
export const titles: readonly (readonly string[])[] = [
  ['Managing Director'],
  ['Vice President', 'Director'],
  ['Head of Department', 'Regional Manager'],
  ['Team Lead', 'Supervisor'],
  ['Specialist', 'Consultant', 'Analyst', 'Coordinator', 'Engineer', 'Assistant', 'Technician', 'Trainee'],
];

export const offices: readonly {
  readonly city: string;
  readonly country: string;
  readonly code: string;
  readonly language: string;
  readonly dial: string;
}[] = [
  { city: 'Zürich', country: 'Switzerland', code: 'CH', language: 'de-CH', dial: '+41 44' },
  { city: 'München', country: 'Germany', code: 'DE', language: 'de-DE', dial: '+49 89' },
  { city: 'London', country: 'United Kingdom', code: 'GB', language: 'en-GB', dial: '+44 20' },
  { city: 'Lyon', country: 'France', code: 'FR', language: 'fr-FR', dial: '+33 4' },
  { city: 'Porto', country: 'Portugal', code: 'PT', language: 'pt-PT', dial: '+351 22' },
  { city: 'Seattle', country: 'United States', code: 'US', language: 'en-US', dial: '+1 206' },
];

export const sharedNames: readonly string[] = [
  'Info',
  'Sales',
  'Billing',
  'Support',
  'Careers',
  'Press',
  'Orders',
  'Returns',
  'Reception',
  'Scanner',
];

export const equipmentNames: readonly string[] = ['Projector', 'Van', 'Camera', 'Label Printer', 'Test Bench', 'Bicycle'];

export const serviceNames: readonly string[] = ['backup', 'monitoring', 'sql', 'intranet', 'print', 'crm', 'deploy', 'telephony'];

const letters: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', ł: 'l', ı: 'i', æ: 'ae', đ: 'd' };

/** A name as it is written in a user principal name: lower case, without accents; apostrophes and hyphens stay, as Entra allows them. */
export function plainName(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[ßøłıæđ]/g, (letter) => letters[letter] ?? letter);
}

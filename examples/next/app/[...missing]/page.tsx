import { notFound } from 'next/navigation';
import { connection } from 'next/server';

/** What is nowhere, rendered for each request: the page that Next has for it is static, and knows no nonce. */
export default async function Missing() {
  await connection();
  notFound();
}

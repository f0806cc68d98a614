/** A bag of coffee. */
export function Bag({ colour }: { readonly colour: string }) {
  return (
    <svg className="bag" viewBox="0 0 48 60" aria-hidden="true">
      <path d="M9 9h30l4 7v39a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3V16z" fill={colour} />
      <path d="M9 9V4a2 2 0 0 1 2-2h26a2 2 0 0 1 2 2v5z" fill={colour} opacity=".72" />
      <rect x="12" y="25" width="24" height="21" rx="3" fill="#fff" opacity=".92" />
      <ellipse cx="24" cy="35.5" rx="5" ry="7" fill={colour} transform="rotate(28 24 35.5)" />
      <path d="M21 30.5q6 4 5.5 10.5" stroke="#fff" strokeWidth="1.6" fill="none" />
    </svg>
  );
}

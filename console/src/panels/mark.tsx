export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeLinecap="round" aria-hidden="true">
      <path d="M3 21V9a9 6 0 0 1 18 0v12" strokeWidth="2" />
      <path d="M7.5 7v11.5M12 6v13.5M16.5 7v11.5M5 11h14M5 15.5h14" strokeWidth="1.6" />
    </svg>
  );
}

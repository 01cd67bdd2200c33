-- Uploads that are on their way: their bytes lie in the data folder until the last one has come, then they are a file.
create table upload (
  id uuid primary key,
  account text not null,
  unit_id int not null references unit,
  name text not null,
  bytes int not null check (bytes > 0),
  created_at timestamptz not null
);
create index upload_account on upload (account);
create index upload_created on upload (created_at);

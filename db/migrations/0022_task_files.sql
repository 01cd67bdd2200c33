-- Photos and documents of a visit: they hang on a comment on a task, or on the task's check.
create table task_file (
  file uuid primary key references file (id),
  task_id bigint not null references task (id),
  comment_id bigint references task_comment (id)
);
create index task_file_task on task_file (task_id);

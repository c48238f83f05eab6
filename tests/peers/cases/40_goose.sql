-- +goose Up
-- +goose StatementBegin
CREATE TABLE gadgets (id serial PRIMARY KEY, name text);
-- +goose StatementEnd

-- +goose Down
DROP TABLE gadgets;

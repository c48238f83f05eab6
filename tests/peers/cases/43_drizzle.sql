CREATE TABLE "gadgets" (
	"id" serial PRIMARY KEY NOT NULL,
	"name" text
);
--> statement-breakpoint
CREATE TABLE "parts" (
	"id" serial PRIMARY KEY NOT NULL,
	"gadget_id" integer
);
--> statement-breakpoint
CREATE INDEX "parts_gadget" ON "parts" USING btree ("gadget_id");

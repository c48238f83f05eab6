-- CreateEnum
CREATE TYPE "Role" AS ENUM ('USER', 'ADMIN');  -- finds: enum-type

-- CreateTable
CREATE TABLE "User" (
    "id" SERIAL NOT NULL,  -- finds: serial-column
    "email" TEXT NOT NULL,
    "role" "Role" NOT NULL DEFAULT 'USER',  -- finds: enum-column
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Post" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "authorId" INTEGER NOT NULL,  -- finds: key-reference-type
    "title" VARCHAR(255) NOT NULL,

    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");  -- finds: sync-index

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;  -- finds: foreign-key-added, foreign-key-unindexed

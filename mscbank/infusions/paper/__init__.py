"""The paper for the hour without the bank: which bags have a page, and the pages themselves."""

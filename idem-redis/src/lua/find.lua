return found(read())

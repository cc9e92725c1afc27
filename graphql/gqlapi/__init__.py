"""The GraphQL door. (The folder above is no package: a package named graphql would hide graphql-core.)"""

// Keeps the one secret there is: the key with which the app signs its own links and cursors. It is made up here, at the first
// deployment, and nobody ever sees it.
param name string
param location string
param tags object
param principalId string

@description('True from the second deployment on: a new key would make every signed link of the old one useless.')
param keepSigningKey bool

@secure()
@description('Two random GUIDs make 244 random bits.')
param newSigningKey string = '${newGuid()}${newGuid()}'

var secretName = 'token-signing-key'
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 30
  }
}

resource signingKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!keepSigningKey) {
  parent: vault
  name: secretName
  properties: {
    value: newSigningKey
    contentType: 'text/plain'
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

output signingKeyReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${secretName}/)'

// The queue through which every mail goes, the one in which requests for a new password wait, and the one that reports of what became of mails
// come back by. Standard tier, because Basic has no duplicate detection.
param namespaceName string
param queueName string
param resetQueueName string
param reportQueueName string
param location string
param tags object
param principalId string

@description('The identity that Event Grid delivers reports with.')
param reporterPrincipalId string

var dataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var dataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

// The id of a message is the mail's id and its attempt, so a message sent twice is dropped here.
// What expires or fails ten times waits in the dead-letter queue to be looked at.
resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: bus
  name: queueName
  properties: {
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    deadLetteringOnMessageExpiration: true
    defaultMessageTimeToLive: 'P14D'
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
  }
}

// What was not worked on within an hour is of no use to whoever asked.
resource resetQueue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: bus
  name: resetQueueName
  properties: {
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    deadLetteringOnMessageExpiration: false
    defaultMessageTimeToLive: 'PT1H'
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
  }
}

// Nothing is lost by a report that comes twice, so nothing looks for duplicates.
resource reportQueue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: bus
  name: reportQueueName
  properties: {
    deadLetteringOnMessageExpiration: true
    defaultMessageTimeToLive: 'P14D'
    lockDuration: 'PT1M'
    maxDeliveryCount: 10
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [dataReceiver, dataSender]: {
    name: guid(queue.id, principalId, role)
    scope: queue
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource resetAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [dataReceiver, dataSender]: {
    name: guid(resetQueue.id, principalId, role)
    scope: resetQueue
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource reportReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(reportQueue.id, principalId, dataReceiver)
  scope: reportQueue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReceiver)
  }
}

// Nobody else may send here: what is in this queue is believed.
resource reportWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(reportQueue.id, reporterPrincipalId, dataSender)
  scope: reportQueue
  properties: {
    principalId: reporterPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataSender)
  }
}

// "https://name.servicebus.windows.net:443/", with the host name of the cloud this is deployed to.
output fullyQualifiedNamespace string = split(replace(bus.properties.serviceBusEndpoint, 'https://', ''), ':')[0]
output reportQueueId string = reportQueue.id
